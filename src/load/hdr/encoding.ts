/**
 * Reads and writes the compressed V2 encoding of HdrHistogram: an envelope with a cookie and a length, and in it,
 * compressed, a header and the counts in the order of their buckets.
 *
 * Source of the format: AbstractHistogram.encodeIntoByteBuffer and encodeIntoCompressedByteBuffer of
 * https://github.com/HdrHistogram/HdrHistogram; zlib, all that it needs, is part of Node.
 */
import { deflateSync, inflateSync } from 'node:zlib';
import { highestOf, LARGEST, lowestOf, SIGNIFICANT_DIGITS } from './buckets.ts';

const COOKIE = 0x1c849303 | 0x10;
const COMPRESSED_COOKIE = 0x1c849304 | 0x10;
/** Offset of the length, in the envelope and in the header. */
const LENGTH_AT = 4;
const ENVELOPE = 8;
const HEADER = 40;

/** The number of values from `from` (inclusive) to `to` (exclusive). */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Visits the buckets that are not empty, in order. */
interface Counts {
  each(visit: (bucket: number, count: number) => void): void;
}

/** Appends a number as ZigZag LEB128: seven bits per byte, the sign in the lowest. */
function pushZigZag(bytes: number[], value: number): void {
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

/** Reads numbers written by `pushZigZag`. */
function* zigZags(bytes: Buffer): Generator<number> {
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    yield value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    value = 0;
    scale = 1;
  }
}

/** A negative number stands for that many empty buckets. */
function encodeCounts(histogram: Counts): Buffer {
  const bytes: number[] = [];
  let next = 0;
  histogram.each((bucket, count) => {
    if (bucket > next) pushZigZag(bytes, next - bucket);
    pushZigZag(bytes, count);
    next = bucket + 1;
  });
  return Buffer.from(bytes);
}

function decodeCounts(bytes: Buffer): Bucket[] {
  const buckets: Bucket[] = [];
  let bucket = 0;
  for (const number of zigZags(bytes)) {
    if (number > 0) buckets.push({ from: lowestOf(bucket), to: highestOf(bucket) + 1, count: number });
    bucket += number < 0 ? -number : 1;
  }
  return buckets;
}

/** @returns the encoding, in base64 */
export function encodeHdr(histogram: Counts): string {
  const counts = encodeCounts(histogram);
  const header = Buffer.alloc(HEADER);
  header.writeInt32BE(COOKIE, 0);
  header.writeInt32BE(counts.length, LENGTH_AT);
  header.writeInt32BE(0, 8); // offset of the index, for shifted histograms
  header.writeInt32BE(SIGNIFICANT_DIGITS, 12);
  header.writeBigInt64BE(1n, 16);
  header.writeBigInt64BE(BigInt(LARGEST), 24);
  header.writeDoubleBE(1, 32); // ratio of integers to doubles
  const payload = deflateSync(Buffer.concat([header, counts]), { level: 1 });
  const envelope = Buffer.alloc(ENVELOPE);
  envelope.writeInt32BE(COMPRESSED_COOKIE, 0);
  envelope.writeInt32BE(payload.length, LENGTH_AT);
  return Buffer.concat([envelope, payload]).toString('base64');
}

/** @returns the buckets that are not empty, in order, in the unit of the histogram */
export function decodeHdr(hdr: string): Bucket[] {
  const payload = inflateSync(Buffer.from(hdr, 'base64').subarray(ENVELOPE));
  return decodeCounts(payload.subarray(HEADER, HEADER + payload.readInt32BE(LENGTH_AT)));
}
