// A KTX2 file (KTX 2.0, section 3) from a .basis file whose images are the mip levels, finest first.
// The encoder itself can only write mips that it filtered on its own.
import { constants, zstdCompressSync } from "node:zlib";

const IDENTIFIER = Buffer.from("AB4B5458203230BB0D0A1A0A", "hex");
const BASIS_LZ = 1;
const ZSTD = 2;
const ZSTD_LEVEL = 12; // above, time doubles for one part in a hundred

/** @returns {Buffer} levels of one texture, stored smallest first, as section 3.9.7 asks. */
export function packKtx2(basis, { width, height, srgb, alpha }) {
  const file = readBasis(Buffer.from(basis));
  const levels = file.uastc ? uastcLevels(file) : etc1sLevels(file);
  const format = descriptor(file.uastc, srgb, alpha);
  const facts = keyValues({ KTXwriter: "trellis-assets" });
  const codebooks = file.uastc ? Buffer.alloc(0) : globalData(file, levels);
  const formatAt = 80 + 24 * levels.length;
  const factsAt = formatAt + format.length;
  const codebooksAt = codebooks.length ? align(factsAt + facts.length, 8) : 0;
  const payload = Buffer.concat(levels.map((level) => level.data).reverse());
  const payloadAt = codebooks.length ? codebooksAt + codebooks.length : factsAt + facts.length;

  const out = Buffer.alloc(payloadAt + payload.length);
  IDENTIFIER.copy(out);
  const scheme = file.uastc ? ZSTD : BASIS_LZ;
  // vkFormat 0 (undefined, see the descriptor), typeSize 1, no depth, no layers, one face
  [0, 1, width, height, 0, 0, 1, levels.length, scheme].forEach((n, i) => out.writeUInt32LE(n, 12 + 4 * i));
  [formatAt, format.length, factsAt, facts.length].forEach((n, i) => out.writeUInt32LE(n, 48 + 4 * i));
  [codebooksAt, codebooks.length].forEach((n, i) => out.writeBigUInt64LE(BigInt(n), 64 + 8 * i));
  let end = out.length;
  levels.forEach((level, index) => {
    end -= level.data.length;
    const row = [end, level.data.length, level.unpacked];
    row.forEach((n, i) => out.writeBigUInt64LE(BigInt(n), 80 + 24 * index + 8 * i));
  });
  format.copy(out, formatAt);
  facts.copy(out, factsAt);
  codebooks.copy(out, codebooksAt);
  payload.copy(out, payloadAt);
  return out;
}

// Layout: basis_file_header and basis_slice_desc of Basis Universal, packed, little endian.
function readBasis(data) {
  const piece = (at, length) => data.subarray(at, at + length);
  const table = data.readUInt32LE(65);
  const slices = Array.from({ length: data.readUIntLE(14, 3) }, (_, index) => {
    const at = table + 23 * index;
    return {
      image: data.readUIntLE(at, 3),
      alpha: (data[at + 4] & 1) === 1,
      data: piece(data.readUInt32LE(at + 13), data.readUInt32LE(at + 17)),
    };
  });
  return {
    uastc: data[20] === 1,
    slices,
    endpointCount: data.readUInt16LE(39),
    endpoints: piece(data.readUInt32LE(41), data.readUIntLE(45, 3)),
    selectorCount: data.readUInt16LE(48),
    selectors: piece(data.readUInt32LE(50), data.readUIntLE(54, 3)),
    tables: piece(data.readUInt32LE(57), data.readUInt32LE(61)),
  };
}

function uastcLevels(file) {
  const params = { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL };
  return file.slices.map(({ data }) => ({ data: zstdCompressSync(data, { params }), unpacked: data.length }));
}

function etc1sLevels(file) {
  const levels = [];
  for (const slice of file.slices) {
    const level = (levels[slice.image] ??= { color: Buffer.alloc(0), alpha: Buffer.alloc(0) });
    level[slice.alpha ? "alpha" : "color"] = slice.data;
  }
  return levels.map((level) => ({ ...level, data: Buffer.concat([level.color, level.alpha]), unpacked: 0 }));
}

// Supercompression global data of BasisLZ: section 3.12.2 of KTX 2.0.
function globalData(file, levels) {
  const head = Buffer.alloc(20 + 20 * levels.length);
  head.writeUInt16LE(file.endpointCount, 0);
  head.writeUInt16LE(file.selectorCount, 2);
  const lengths = [file.endpoints.length, file.selectors.length, file.tables.length, 0];
  lengths.forEach((n, i) => head.writeUInt32LE(n, 4 + 4 * i));
  levels.forEach((level, index) => {
    const { length } = level.color;
    const alpha = level.alpha.length;
    const row = [0, 0, length, alpha ? length : 0, alpha];
    row.forEach((n, i) => head.writeUInt32LE(n, 20 + 20 * index + 4 * i));
  });
  return Buffer.concat([head, file.endpoints, file.selectors, file.tables]);
}

// Khronos Data Format descriptor; colour model 163 is ETC1S, 166 UASTC, channel 15 alpha.
// KHR_texture_basisu: colour is BT.709 (1) in sRGB (2), all else unspecified (0) and linear (1).
function descriptor(uastc, srgb, alpha) {
  const samples = uastc
    ? [{ offset: 0, bits: 127, channel: alpha ? 3 : 0 }]
    : [{ offset: 0, bits: 63, channel: 0 }, { offset: 64, bits: 63, channel: 15 }].slice(0, alpha ? 2 : 1);
  const block = Buffer.alloc(28 + 16 * samples.length);
  block.writeUInt32LE(block.length, 0);
  block.writeUInt16LE(2, 8);
  block.writeUInt16LE(block.length - 4, 10);
  block.set([uastc ? 166 : 163, srgb ? 1 : 0, srgb ? 2 : 1, 0, 3, 3], 12); // blocks of 4 x 4
  samples.forEach(({ offset, bits, channel }, index) => {
    block[20 + index] = uastc ? 16 : 8; // bytes per block of each plane
    const at = 28 + 16 * index;
    block.writeUInt16LE(offset, at);
    block.set([bits, channel], at + 2);
    block.writeUInt32LE(0xffffffff, at + 12);
  });
  return block;
}

function keyValues(entries) {
  const rows = Object.entries(entries).map(([key, value]) => {
    const text = Buffer.from(`${key}\0${value}\0`);
    const row = Buffer.alloc(align(4 + text.length, 4));
    row.writeUInt32LE(text.length);
    text.copy(row, 4);
    return row;
  });
  return Buffer.concat(rows);
}

function align(offset, step) {
  return Math.ceil(offset / step) * step;
}
