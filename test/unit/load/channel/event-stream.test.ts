/** What is read of a stream of events, held against the parser that many clients use. */
import { createParser } from 'eventsource-parser';
import { describe, expect, test } from 'vitest';
import { EventStreamReader, LONGEST_EVENT } from '../../../../src/load/engine/channel/event-stream.ts';
import fc from '../../../rig/fast-check.ts';

type Seen = readonly (readonly [type: string, data: string])[];

function read(parts: readonly Buffer[]): Seen {
  const seen: [string, string][] = [];
  const reader = new EventStreamReader(({ type, data }) => seen.push([type, data]));
  for (const part of parts) expect(reader.push(part)).toBe(true);
  return seen;
}

function byOracle(text: string): Seen {
  const seen: [string, string][] = [];
  const parser = createParser({ onEvent: ({ event, data }) => seen.push([event ?? 'message', data]) });
  // As clients feed it, without the mark of the byte order; in one piece: how it is cut is what is tried of ours.
  parser.feed(new TextDecoder().decode(Buffer.from(text)));
  return seen;
}

const line = fc.oneof(
  fc.constantFrom(
    'data: a',
    'data:b',
    'data',
    'data: ',
    'event: tick',
    'event',
    'id: 7',
    'retry: 10',
    ': note',
    '',
    '',
    'date: no',
  ),
  fc.string({ maxLength: 6 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
  fc.constantFrom('data: ä€😀', '\u{feff}data: x'),
);
const stream = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\n')), { maxLength: 30 })
  .map((lines) => lines.map(([text, end]) => `${text}${end}`).join(''));

describe('a stream of events', () => {
  test('is read as by another parser, however it is cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(400), { maxLength: 8 }), (text, cuts) => {
        const bytes = Buffer.from(text);
        const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const parts = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(read(parts)).toEqual(byOracle(text));
      }),
      { numRuns: 500 },
    );
  });

  test.for(['\n', '\r\n', '\r'])(
    'has the same events cut at every byte, with lines that end in %j',
    (end) => {
      const lines = [
        '\u{feff}event: ü',
        'data: one',
        'data:two',
        '',
        ': note',
        'data',
        '',
        'event: lost',
        '',
        'data: x',
        '',
      ];
      const bytes = Buffer.from(lines.map((each) => `${each}${end}`).join(''));
      const expected = [
        ['ü', 'one\ntwo'],
        ['message', ''],
        ['message', 'x'],
      ];
      expect(read([bytes])).toEqual(expected);
      for (let cut = 0; cut <= bytes.length; cut += 1)
        expect(read([bytes.subarray(0, cut), bytes.subarray(cut)]), `cut at ${cut}`).toEqual(expected);
      expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(expected);
    },
  );

  test('gives no event that is incomplete at its end', () => {
    expect(read([Buffer.from('data: a\n\ndata: b\n')])).toEqual([['message', 'a']]);
  });

  test('without an end of line is not kept for ever', () => {
    const reader = new EventStreamReader(() => {});
    const part = Buffer.alloc(1024 * 1024, 'x');
    let taken = 0;
    while (taken <= 2 * LONGEST_EVENT && reader.push(part)) taken += part.length;
    expect(taken).toBe(LONGEST_EVENT);
  });
});
