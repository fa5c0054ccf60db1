/** What is said about trials on the way between machines. */
import { expect, test } from 'vitest';
import { sizeAtOnce } from '../../../src/distributed/codec.ts';
import { openFor } from '../../../src/distributed/trials/client.ts';
import { indexIn, lostBefore, trialId } from '../../../src/distributed/trials/protocol.ts';
import { MOST_PACKAGES, ROOM_OF_TRIAL, roomy } from '../../../src/distributed/trials/room.ts';
import { drawTrial, longestTrial } from '../../rig/drawn-trials.ts';

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

test('of findings that are too long for the history of a run, evidence is left out, that of the worst last', () => {
  // Of what the server keeps at most, a tenth is for what is not findings.
  expect(MOST_PACKAGES * ROOM_OF_TRIAL).toBeLessThan(0.9 * 50 * 1024 ** 2);
  const trial = longestTrial(1);
  expect(sizeAtOnce(trial)).toBeGreaterThan(ROOM_OF_TRIAL);
  const { findings } = roomy(trial);
  expect(sizeAtOnce(roomy(trial))).toBeLessThanOrEqual(ROOM_OF_TRIAL);
  expect(findings.map(({ message }) => message)).toEqual(trial.findings.map(({ message }) => message));
  const isWhole = findings.map(({ evidence }) => evidence?.length === 8);
  expect(isWhole[0]).toBe(true);
  expect(isWhole).toEqual(isWhole.toSorted((one, other) => Number(other) - Number(one)));
  expect(findings.at(-1)?.evidence).toEqual([expect.stringContaining('left out here')]);
  const small = drawTrial(1, 0);
  expect(roomy(small)).toEqual(small);
});
