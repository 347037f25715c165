// The KTX2 part of the peer: glTF-Transform's own resize and meshopt around the npm encoder, since
// its command line asks for KTX-Software's `ktx` binary. Copied into the peer's folder, so that
// packages are found there. argv: job.json.
import { readFileSync } from "node:fs";
import { NodeIO } from "@gltf-transform/core";
import { ALL_EXTENSIONS } from "@gltf-transform/extensions";
import { meshopt, textureCompress } from "@gltf-transform/functions";
import { ktx2 } from "ktx2-encoder/gltf-transform";
import { MeshoptDecoder, MeshoptEncoder } from "meshoptimizer";
import sharp from "sharp";

console.log = () => {};

const { input, output, size, etc1s } = JSON.parse(readFileSync(process.argv[2], "utf8"));
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
