/** What is said about trials on the way between machines. */
import { expect, test } from 'vitest';
import { openFor } from '../../../src/distributed/trials/client.ts';
import { indexIn, lostBefore, trialId } from '../../../src/distributed/trials/protocol.ts';

test('a trial is known by its place in the list', () => {
  expect(indexIn(trialId(499))).toBe(499);
  for (const other of ['1', 'attend 1', 'package x', '', null, undefined])
    expect(indexIn(other)).toBeUndefined();
});

test('who had a trial before is what the last of them has told', () => {
  expect(lostBefore(undefined, 1)).toEqual([]);
  expect(lostBefore(['east', 'west'], 3)).toEqual(['east', 'west']);
  // Lost before it could tell anything; told what makes no sense.
  expect(lostBefore(undefined, 2)).toEqual(['an agent']);
  expect(lostBefore([7, 'east'], 2)).toEqual(['east']);
});

test('a run that nobody carries out is ended by the server, long after it should be over', () => {
  const input = { version: '', agents: 2, jobs: 1, attendWithinMs: 60_000, list: '', options: {} };
  expect(openFor({ ...input, packages: [] })).toBe(32 * 60_000);
  expect(openFor({ ...input, packages: ['a', 'b', 'c'] })).toBe(92 * 60_000);
});
