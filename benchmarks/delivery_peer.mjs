// The KTX2 part of the peer: glTF-Transform's own resize and meshopt around the npm encoder, since
// its command line asks for KTX-Software's `ktx` binary. argv: peer folder, jobs.json.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, jobFile] = process.argv.slice(2);
const require = createRequire(`${folder}/package.json`);
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { NodeIO } = await load("@gltf-transform/core");
const { ALL_EXTENSIONS } = await load("@gltf-transform/extensions");
const { meshopt, textureCompress } = await load("@gltf-transform/functions");
const { MeshoptDecoder, MeshoptEncoder } = await load("meshoptimizer");
const { ktx2 } = await import(pathToFileURL(`${folder}/node_modules/ktx2-encoder/dist/gltf-transform/index.js`));
const sharp = require("sharp");
const write = console.log;
console.log = () => {};

const { input, output, size, etc1s } = JSON.parse(readFileSync(jobFile, "utf8"));
await MeshoptEncoder.ready;
const io = new NodeIO()
  .registerExtensions(ALL_EXTENSIONS)
  .registerDependencies({ "meshopt.decoder": MeshoptDecoder, "meshopt.encoder": MeshoptEncoder });
const imageDecoder = async (buffer) => {
  const { data, info } = await sharp(buffer).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
};
const shared = { generateMipmap: true, imageDecoder };
const document = await io.read(input);
await document.transform(textureCompress({ encoder: sharp, targetFormat: "png", resize: [size, size] }));
const color = /baseColor|emissive/;
const uastc = { isUASTC: true, uastcLDRQualityLevel: 0, needSupercompression: true };
if (etc1s) {
  const coarse = { isUASTC: false, qualityLevel: 128, compressionLevel: 1, isSetKTX2SRGBTransferFunc: true };
  await document.transform(ktx2({ ...shared, ...coarse, slots: color }));
} else {
  await document.transform(ktx2({ ...shared, ...uastc, isSetKTX2SRGBTransferFunc: true, slots: color }));
}
await document.transform(
  ktx2({ ...shared, ...uastc, isSetKTX2SRGBTransferFunc: false, slots: /^(?!baseColor|emissive)/ }),
  meshopt({ encoder: MeshoptEncoder, level: "high" }),
);
await io.write(output, document);
write("done");
