/**
 * Writes a histogram in the compressed V2 encoding of HdrHistogram, which its viewers and log readers take.
 *
 * Source of the format: AbstractHistogram.encodeIntoByteBuffer and encodeIntoCompressedByteBuffer of
 * https://github.com/HdrHistogram/HdrHistogram; zlib, all that it needs, is part of Node.
 */
import { deflateSync } from 'node:zlib';
import { type Histogram, LONGEST_US } from './histogram.ts';

const COOKIE = 0x1c849303 | 0x10;
const COMPRESSED_COOKIE = 0x1c849304 | 0x10;
const SIGNIFICANT_DIGITS = 3;
const HEADER = 40;

/** Appends a number as ZigZag LEB128: seven bits a byte, the sign in the lowest. */
function pushZigZag(bytes: number[], value: number): void {
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

/** Counts in the order of their buckets; a negative number stands for so many empty ones. */
function encodeCounts(histogram: Histogram): Buffer {
  const bytes: number[] = [];
  let next = 0;
  histogram.each((bucket, count) => {
    if (bucket > next) pushZigZag(bytes, next - bucket);
    pushZigZag(bytes, count);
    next = bucket + 1;
  });
  return Buffer.from(bytes);
}

/** @returns the encoding, in base64 */
export function encodeHdr(histogram: Histogram): string {
  const counts = encodeCounts(histogram);
  const header = Buffer.alloc(HEADER);
  header.writeInt32BE(COOKIE, 0);
  header.writeInt32BE(counts.length, 4);
  header.writeInt32BE(0, 8); // offset of the index, for shifted histograms
  header.writeInt32BE(SIGNIFICANT_DIGITS, 12);
  header.writeBigInt64BE(1n, 16);
  header.writeBigInt64BE(BigInt(LONGEST_US), 24);
  header.writeDoubleBE(1, 32); // ratio of integers to doubles
  const payload = deflateSync(Buffer.concat([header, counts]), { level: 1 });
  const envelope = Buffer.alloc(8);
  envelope.writeInt32BE(COMPRESSED_COOKIE, 0);
  envelope.writeInt32BE(payload.length, 4);
  return Buffer.concat([envelope, payload]).toString('base64');
}
