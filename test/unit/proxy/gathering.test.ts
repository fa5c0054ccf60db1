/** The body of an answer that is held back: whole, however it is cut, and no larger than it is. */
import { expect, test } from 'vitest';
import { Gathering } from '../../../src/proxy/harness/gathering.ts';
import fc from '../../rig/fast-check.ts';

test('the body, what is between its chunks, and everything as it arrived', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 5000 }), fc.boolean())), (pieces) => {
      const gathering = new Gathering(true, 1 << 30);
      for (const [bytes, isData] of pieces) {
        const chunk = Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]);
        expect(gathering.add(chunk, 1, chunk.length - 1, isData)).toBe(true);
        chunk.fill(0);
      }
      const joined = (some: typeof pieces): Buffer => Buffer.concat(some.map(([bytes]) => bytes));
      const last = pieces.findLastIndex(([, isData]) => isData);
      expect(gathering.raw.equals(joined(pieces))).toBe(true);
      expect(gathering.payload.equals(joined(pieces.filter(([, isData]) => isData)))).toBe(true);
      expect(gathering.lastFrame.equals(joined(pieces.slice(last + 1)))).toBe(true);
      gathering.release();
    }),
  );
});

test('a million chunks of one byte take no more memory than a few long ones', () => {
  const before = process.memoryUsage();
  const gathering = new Gathering(true, 1 << 30);
  const chunk = Buffer.from('1\r\nx\r\n');
  for (let count = 0; count < 1_000_000; count += 1) {
    gathering.add(chunk, 0, 3, false);
    gathering.add(chunk, 3, 4, true);
    gathering.add(chunk, 4, 6, false);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  expect(gathering.payload).toHaveLength(1_000_000);
  expect(heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(100 * 1024 * 1024);
  gathering.release();
});

test('what is too long is given up, and makes room for others', () => {
  const chunk = Buffer.alloc(1024 * 1024);
  const short = new Gathering(false, 10);
  expect([short.add(chunk, 0, 10, true), short.add(chunk, 0, 1, true)]).toEqual([true, false]);
  const many = Array.from({ length: 65 }, () => new Gathering(true, 1 << 30));
  expect(many.filter((each) => each.add(chunk, 0, chunk.length, true))).toHaveLength(64);
  many[0]?.release();
  expect(many[64]?.add(chunk, 0, chunk.length, true)).toBe(true);
  for (const each of many) each.release();
});
