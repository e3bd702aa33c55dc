const POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

/** The remainder of each byte, in two halves of 32 bits. */
const low = new Uint32Array(256);
const high = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let value = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) {
    value = value & 1n ? (value >> 1n) ^ POLYNOMIAL : value >> 1n;
  }
  low[byte] = Number(value & 0xffff_ffffn);
  high[byte] = Number(value >> 32n);
}

/**
 * The CRC-64 of Azure Storage as its headers write it: eight bytes, the lowest first, in base64
 * (https://learn.microsoft.com/en-us/rest/api/storageservices/put-blob#response-headers).
 */
export function crc64(bytes: Uint8Array): string {
  let lowHalf = 0xffff_ffff;
  let highHalf = 0xffff_ffff;
  for (const byte of bytes) {
    const index = (lowHalf ^ byte) & 0xff;
    lowHalf = ((lowHalf >>> 8) | (highHalf << 24)) ^ low[index]!;
    highHalf = (highHalf >>> 8) ^ high[index]!;
  }
  const text = Buffer.alloc(8);
  text.writeUInt32LE(~lowHalf >>> 0, 0);
  text.writeUInt32LE(~highHalf >>> 0, 4);
  return text.toString("base64");
}
