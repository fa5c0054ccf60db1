import { describe, expect, test } from 'vitest';
import { FrameReader, frame, headFrames } from '../../../src/load/engine/http2/frames.ts';
import { encodeHead, type Field, HeadDecoder, HpackError } from '../../../src/load/engine/http2/hpack.ts';
import fc from '../../rig/fast-check.ts';
import { shareOf } from '../../rig/thorough.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** RFC 7541, appendix C: three requests on one connection, without and with Huffman's code. */
const REQUESTS: readonly (readonly Field[])[] = [
  [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
  ],
  [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
    ['cache-control', 'no-cache'],
  ],
  [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', '/index.html'],
    [':authority', 'www.example.com'],
    ['custom-key', 'custom-value'],
  ],
];

describe('a head', () => {
  test.each([
    [
      'C.3',
      [
        '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
        '8286 84be 5808 6e6f 2d63 6163 6865',
        '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
      ],
    ],
    [
      'C.4',
      [
        '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
        '8286 84be 5886 a8eb 1064 9cbf',
        '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
      ],
    ],
  ])('is read as RFC 7541 has it in %s', (_, blocks) => {
    const decoder = new HeadDecoder();
    expect(blocks.map((block) => decoder.decode(hex(block)))).toEqual(REQUESTS);
  });

  test('forgets what its table has no room for, as in C.5', () => {
    const decoder = new HeadDecoder();
    // A table of 256 bytes, and then the first two responses of C.5.
    decoder.decode(
      hex(`3fe101 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133
      3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`),
    );
    expect(decoder.decode(hex('4803 3330 37c1 c0bf'))).toEqual([
      [':status', '307'],
      ['cache-control', 'private'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['location', 'https://www.example.com'],
    ]);
    // The first one, `:status: 302`, is gone: five entries were there, and four are.
    expect(() => decoder.decode(hex('c2'))).toThrow(HpackError);
  });

  test.each([
    ['a field that is in no table', 'be'],
    ['the field with the number 0', '80'],
    ['an end within a field', '0001 61'],
    ['a number without an end', 'ffff ffff ffff ffff'],
    ['a table that is larger than was agreed', '3fe2 1f'],
    ['a size of the table behind a field', '8220'],
    ['padding of more than seven bits', '0001 6182 1fff'],
    ['padding that is no beginning of the end', '0001 6181 18'],
    ['the end within a string', '0001 6184 ffff ffff'],
  ])('is refused where there is %s', (_, block) => {
    expect(() => new HeadDecoder().decode(hex(block))).toThrow(HpackError);
  });

  test('is read as it was written', () => {
    const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
    const text = fc.array(byte, { maxLength: 300 }).map((bytes) => bytes.join(''));
    const name = fc.constantFrom(':method', ':path', 'accept', 'x-a', 'cookie', 'content-length');
    const field = fc.tuple(name, fc.oneof(fc.constant('GET'), fc.constant('/'), text));
    fc.assert(
      fc.property(fc.array(field, { maxLength: 20 }), (fields) => {
        expect(new HeadDecoder().decode(encodeHead(fields))).toEqual(fields);
      }),
      { numRuns: 200 },
    );
  });

  test('of any bytes is read, or refused', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (blocks) => {
        const decoder = new HeadDecoder();
        try {
          for (const block of blocks) decoder.decode(Buffer.from(block));
        } catch (error) {
          expect(error).toBeInstanceOf(HpackError);
        }
      }),
      { numRuns: shareOf(2000) },
    );
  });
});

describe('frames', () => {
  const read = (chunks: readonly Buffer[]): string[] => {
    const reader = new FrameReader();
    const seen: string[] = [];
    for (const chunk of chunks)
      reader.push(chunk, ({ type, flags, stream, payload }) => {
        seen.push(`${type} ${flags} ${stream} ${payload.toString('hex')}`);
        return true;
      });
    return seen;
  };

  test('are the same however the bytes are cut', () => {
    const one = fc
      .tuple(fc.nat(255), fc.nat(255), fc.nat(2 ** 31 - 1), fc.uint8Array({ maxLength: 100 }))
      .map(([type, flags, stream, payload]) => frame(type, flags, stream, payload));
    fc.assert(
      fc.property(fc.array(one, { maxLength: 10 }), fc.array(fc.nat(400)), (frames, cuts) => {
        const bytes = Buffer.concat(frames);
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
        expect(read(chunks)).toEqual(read([bytes]));
        expect(read([bytes])).toHaveLength(frames.length);
      }),
      { numRuns: 300 },
    );
  });

  test('of a head that fits in none are several, the last of which says so', () => {
    const frames = read([headFrames(3, Buffer.alloc(40_000), true)]).map((each) =>
      each.split(' ').slice(0, 3),
    );
    expect(frames).toEqual([
      ['1', '1', '3'],
      ['9', '0', '3'],
      ['9', '4', '3'],
    ]);
  });
});
