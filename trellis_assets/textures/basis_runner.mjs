// Encodes mip levels to KTX2, or decodes a KTX2 file, with Basis Universal's WebAssembly build.
// argv: module, job.json. A job names raw RGBA files; paths are absolute.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { packKtx2 } from "./ktx2_container.mjs";

process.on("uncaughtException", (error) => {
  process.stderr.write(`Error: ${error.message}\n`);
  process.exit(1);
});
const RGBA32 = 13; // transcoder_texture_format::cTFRGBA32
const [modulePath, jobPath] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobPath, "utf8"));
console.log = console.info = () => {}; // the encoder's chatter
const { default: load } = await import(pathToFileURL(modulePath));
const basis = await load();
basis.initializeBasis();

if (job.encode) {
  const { file, ...said } = encodeToFloor(job.encode);
  writeFileSync(job.encode.out, file);
  process.stdout.write(JSON.stringify(said));
} else {
  const { rgba, width, height } = decode(readFileSync(job.decode.file), job.decode.limit);
  writeFileSync(job.decode.out, rgba);
  process.stdout.write(JSON.stringify({ width, height }));
}

// The first attempt that holds the floor, on the sample and then on the whole; else the last one.
function encodeToFloor({ levels, sample, attempts, floor, worstChannel, ...use }) {
  const holds = (psnr) => psnr >= floor;
  const read = ({ file, ...shape }) => ({ ...shape, rgba: new Uint8Array(readFileSync(file)) });
  const [whole, part] = [levels.map(read), [read(sample)]];
  for (const [index, attempt] of attempts.entries()) {
    const last = index === attempts.length - 1;
    if (!last && !holds(encode(part, attempt, use, worstChannel).psnr)) continue;
    const result = encode(whole, attempt, use, worstChannel);
    if (last || holds(result.psnr)) return { ...result, attempt: index };
  }
}

function encode(levels, { uastc, quality, effort }, { srgb, alpha }, worstChannel) {
  const encoder = new basis.BasisEncoder();
  encoder.setCreateKTX2File(false);
  encoder.setMipGen(false); // the levels come ready filtered
  encoder.setTexType(0); // 2D: images of any size
  encoder.setUASTC(uastc);
  encoder.setPerceptual(srgb);
  encoder.setKTX2AndBasisSRGBTransferFunc(srgb);
  encoder.setCheckForAlpha(false);
  encoder.setForceAlpha(alpha);
  if (uastc) {
    encoder.setPackUASTCFlags(effort);
  } else {
    encoder.setQualityLevel(quality);
    encoder.setETC1SCompressionLevel(effort);
  }
  const texels = levels.reduce((sum, level) => sum + level.width * level.height, 0);
  levels.forEach(({ rgba, width, height }, index) => encoder.setSliceSourceImage(index, rgba, width, height, 0));
  const out = new Uint8Array(texels * 4 + 65536);
  const size = encoder.encode(out);
  encoder.delete();
  if (size === 0) throw new Error("the encoder gave nothing");
  const { width, height, rgba } = levels[0];
  const file = packKtx2(out.subarray(0, size), { width, height, srgb, alpha });
  return { file, psnr: measure(decode(file).rgba, rgba, worstChannel) };
}

function measure(found, wanted, worstChannel) {
  const squares = [0, 0, 0];
  for (let at = 0; at < wanted.length; at += 4) {
    for (let channel = 0; channel < 3; channel++) squares[channel] += (found[at + channel] - wanted[at + channel]) ** 2;
  }
  const error = worstChannel ? Math.max(...squares) : (squares[0] + squares[1] + squares[2]) / 3;
  return Math.min(10 * Math.log10((255 ** 2 * wanted.length) / 4 / error), 99); // JSON has no infinity
}

function decode(data, limit = Infinity) {
  const file = new basis.KTX2File(new Uint8Array(data));
  if (!file.isValid()) throw new Error("not a KTX2 file that Basis Universal reads");
  const [width, height] = [file.getWidth(), file.getHeight()];
  if (Math.max(width, height) > limit) throw new Error(`${width}x${height} texels, the limit is ${limit}`);
  if (!file.startTranscoding()) throw new Error("damaged KTX2 file");
  const rgba = new Uint8Array(file.getImageTranscodedSizeInBytes(0, 0, 0, RGBA32));
  if (!file.transcodeImage(rgba, 0, 0, 0, RGBA32, 0, -1, -1)) throw new Error("damaged KTX2 level");
  file.close();
  file.delete();
  return { rgba, width, height };
}
