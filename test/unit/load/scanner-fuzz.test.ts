/** The scanner against llhttp, for streams that are drawn; `npm run fuzz` draws more of them. */
import { describe, expect, test } from 'vitest';
import { BY_THE_RFC, isSame, rewritten, STRICTER } from '../../fuzz/http1/differences.ts';
import { Fuzz, showFault } from '../../fuzz/http1/fuzz.ts';
import { Scanner, scanByNode } from '../../fuzz/http1/parsers.ts';

const STREAMS = 10_000;
const SEED = 20261126;

test(`${STREAMS} streams are the same to the scanner, however they are cut, and to llhttp`, () => {
  const fuzz = new Fuzz();
  for (let index = 0; index < STREAMS; index += 1) fuzz.try(SEED, index);
  const { faults, agreed, differed } = fuzz.result;
  expect(faults.map(showFault)).toEqual([]);
  // They are worth something only if many are good, many are bad, and no difference is made up.
  expect(agreed.good).toBeGreaterThan(STREAMS / 10);
  expect(agreed.bad).toBeGreaterThan(STREAMS / 2);
  for (const { error, isMended = false } of STRICTER)
    if (!isMended) expect([...differed.keys()]).toContain(error);
});

describe('on purpose, llhttp differs in', () => {
  const rows = [...STRICTER.map(({ error: what, ...row }) => ({ what, ...row })), ...BY_THE_RFC];
  test.for(rows)('$what', ({ example: { wire, ours, node }, isMended = false }) => {
    const bytes = Buffer.from(wire, 'latin1');
    const scanned = new Scanner().scan([bytes], ['GET']);
    expect(scanned).toMatchObject(ours);
    const seen = scanByNode(bytes, ['GET']);
    if (!isMended || !isSame(scanned, seen)) expect(seen).toMatchObject(node);
  });

  test.for(BY_THE_RFC)('nothing where it is said otherwise: $what', ({ example: { wire, ours } }) => {
    const bytes = Buffer.from(rewritten(wire), 'latin1');
    const { responses, end } = scanByNode(bytes, ['GET']);
    expect({ responses, end }).toMatchObject(ours);
  });
});
