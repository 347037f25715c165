// Validates the GLBs named on the command line and prints one JSON report per line.
// argv: validator module, issue cap, then files.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [validatorModule, cap, ...files] = process.argv.slice(2);
const validator = createRequire(import.meta.url)(validatorModule);
for (const file of files) {
  const options = { maxIssues: Number(cap), writeTimestamp: false, format: "glb" };
  let report;
  try {
    report = await validator.validateBytes(new Uint8Array(readFileSync(file)), options);
  } catch (error) {
    report = { refused: String(error) };
  }
  process.stdout.write(JSON.stringify(report) + "\n");
}
