/**
 * Reads the histograms of a result: HdrHistogram's compressed V2 encoding, with 3 significant digits from 1 on.
 *
 * Source of the format: AbstractHistogram.decodeFromCompressedByteBuffer of
 * https://github.com/HdrHistogram/HdrHistogram
 */
import { inflateSync } from 'node:zlib';

const ENVELOPE = 8;
const HEADER = 40;
/** Buckets for each power of two, after twice as many that hold one value each. */
const HALF = 1024;

/** Values from `from` up to, and without, `to`, and how many of them there are. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

function boundsOf(index: number): Pick<Bucket, 'from' | 'to'> {
  const shift = Math.max(0, Math.floor(index / HALF) - 1);
  const from = (index - shift * HALF) * 2 ** shift;
  return { from, to: from + 2 ** shift };
}

/** Numbers as ZigZag LEB128: seven bits a byte, the sign in the lowest. */
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

/** @returns the buckets that are not empty, in order, in the unit of the histogram */
export function bucketsOf(hdr: string): Bucket[] {
  const payload = inflateSync(Buffer.from(hdr, 'base64').subarray(ENVELOPE));
  const length = payload.readInt32BE(4);
  const buckets: Bucket[] = [];
  let index = 0;
  for (const number of zigZags(payload.subarray(HEADER, HEADER + length))) {
    // A negative number stands for so many empty buckets.
    if (number < 0) index -= number;
    else {
      if (number > 0) buckets.push({ ...boundsOf(index), count: number });
      index += 1;
    }
  }
  return buckets;
}
