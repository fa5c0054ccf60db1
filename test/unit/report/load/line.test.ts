/** A load in one line, as it stands beside the name of a component. */
import { expect, test } from 'vitest';
import { ms } from '../../../../src/core/units.ts';
import { describeLoad, loadLine } from '../../../../src/load/report/brief.ts';
import { planFor } from '../../load/plans.ts';
import { resultOf, TROUBLED } from '../../load/results.ts';

test('of a load that went well', () => {
  expect(loadLine(resultOf())).toBe('1,000 requests, 500/s, p50 25.5 ms, p99 49.5 ms, no errors');
});

test('of one that did not: lower bounds are told as such, and each sort of error by itself', () => {
  const { counts } = resultOf();
  expect(loadLine(resultOf({ counts: { ...counts, scheduled: 0 } }))).toBe('nothing was sent');
  expect(loadLine(TROUBLED)).toMatch(
    /^1,000 requests, [\d,]+\/s, p50 25\.5 ms, p99 ≥ 49\.5 ms, 40 failed, 20 timed out, 25 never sent$/,
  );
});

test('of one without a response', () => {
  const result = resultOf();
  const none = { ...result, latencyUs: { ...result.latencyUs, response: null } };
  expect(loadLine(none)).toBe('1,000 requests, 500/s, no errors');
});

test('of users, the iterations as well', () => {
  const counted = { scheduled: 400, completed: 400, failed: 0, inFlightAtEnd: 0, neverStarted: 0 };
  const line = loadLine(resultOf({ iterations: { ...counted, durationUs: null } }));
  expect(line).toMatch(/^400 iterations, 1,000 requests, /);
});

test('of several requests, the slowest', () => {
  const { latencyUs, counts, bytes, rate } = resultOf();
  const named = (name: string, p99: number) => {
    const response = { ...(latencyUs.response ?? expect.fail()), p99 };
    return { name, part: 'load' as const, counts, bytes, rate, latencyUs: { ...latencyUs, response } };
  };
  const byName = [named('read', 1000), named('create', 80_000), named('list', 2000)];
  expect(loadLine(resultOf({ byName }))).toMatch(/no errors, slowest request: create, p99 80\.0 ms$/);
});

test('of a deploy test has no length of its own', () => {
  const limit = { type: 'duration', duration: ms(7000) } as const;
  const lengthOf = (departure: 'stop' | 'restart') =>
    describeLoad(planFor('http://localhost/', { limit, departure })).split(' · ')[1];
  expect(lengthOf('stop')).toBe('until the server is gone');
  expect(lengthOf('restart')).toBe('until the server has restarted');
});
