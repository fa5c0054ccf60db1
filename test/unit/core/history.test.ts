import { describe, expect, test } from 'vitest';
import { comparePast, type Ended, type PastComponent, remarkOnPast } from '../../../src/core/history.ts';

const NO_LOAD = { rate: null, p99Us: null, errors: null };
const passed = (durationMs: number, flaky = false): PastComponent => ({
  ...{ verdict: 'passed', durationMs, flaky },
  ...NO_LOAD,
});
const FAILED: PastComponent = { verdict: 'failed', durationMs: 9000, flaky: false, ...NO_LOAD };
const UNDECIDED: PastComponent = { ...FAILED, verdict: 'inconclusive' };
const times = <T>(count: number, one: T): T[] => Array(count).fill(one);
const now = (durationMs: number, over: Partial<Ended> = {}): Ended => ({
  ...{ verdict: 'passed', durationMs, flaky: false },
  ...over,
});
const broke = now(10, { verdict: 'failed' });
const wavered = now(10, { flaky: true });

const STEADY = times(19, passed(1000));

describe('what is said of a run in the light of earlier ones', () => {
  test.each<[what: string, now: Ended, past: PastComponent[], said: string | undefined]>([
    ['the first run', now(1000), [], undefined],
    ['as usual', now(1050), STEADY, undefined],
    ['markedly slower than each earlier run', now(1500), STEADY, 'slowest of 20, usually 1.00 s'],
    ['a little slower', now(1499), STEADY, undefined],
    ['faster', now(10), STEADY, undefined],
    ['slow, as it has been once before', now(2000), [...STEADY, passed(2000)], undefined],
    ['slower by a factor that nobody notices', now(249), times(19, passed(10)), undefined],
    ['slower by enough to be noticed', now(260), times(19, passed(10)), 'slowest of 20, usually 10 ms'],
    [
      'times that vary, and the longest',
      now(2600),
      [800, 1700, 900, 2500, 1000].map((at) => passed(at)),
      'slowest of 6, usually 1.00 s',
    ],
    [
      'times that vary, and a long one',
      now(2500),
      [800, 1700, 900, 2500, 1000].map((at) => passed(at)),
      undefined,
    ],
    [
      'an even number of times',
      now(3000),
      [1, 1, 1, 2, 2, 2].map((at) => passed(at * 1000)),
      'slowest of 7, usually 1.50 s',
    ],
    ['too few earlier runs to be slow', now(9000), times(4, passed(1000)), undefined],
    ['too few that passed', now(9000), [...times(4, passed(1000)), ...times(15, FAILED)], undefined],
    [
      'failures took as long as this',
      now(2000),
      [...times(5, passed(1000)), FAILED],
      'slowest of 6, usually 1.00 s',
    ],
    [
      'retried ones took as long as this',
      now(2000),
      [...times(5, passed(1000)), passed(9000, true)],
      'slowest of 6, usually 1.00 s',
    ],
    [
      'retried itself, so of course it took longer',
      now(9000, { flaky: true }),
      STEADY,
      'flaky for the first time in 20 runs',
    ],
    ['flaky again', wavered, [...times(4, passed(10)), passed(10, true)], 'flaky in 2 of the last 6 runs'],
    ['failed for the first time', broke, STEADY, 'failed for the first time in 20 runs'],
    ['failed again', broke, [...times(17, passed(1000)), FAILED, FAILED], 'failed 3 of the last 20 runs'],
    ['never passed', broke, times(19, FAILED), 'failed 20 of the last 20 runs'],
    ['failed, with a short past', broke, times(4, passed(1000)), undefined],
    ['runs without a verdict say nothing', broke, [...times(4, FAILED), ...times(9, UNDECIDED)], undefined],
    ['came to no verdict', now(9000, { verdict: 'inconclusive' }), STEADY, undefined],
    ['was left out', now(0, { verdict: 'skipped' }), STEADY, undefined],
  ])('%s', (_, end, past, said) => {
    expect(remarkOnPast(end, comparePast(end, past))).toBe(said);
  });
});

test('the past in few numbers', () => {
  const past = [...STEADY.slice(0, 5), FAILED, UNDECIDED, passed(3000, true)];
  const numbers = { runs: 7, failed: 1, flaky: 1, passed: 5, medianMs: 1000 };
  expect(comparePast(now(1600), past)).toEqual({ ...numbers, slowest: true });
  expect(comparePast(null, past)).toEqual({ ...numbers, slowest: false });
  expect(comparePast(broke, [FAILED])).toEqual({
    ...{ runs: 1, failed: 1, flaky: 0, passed: 0 },
    ...{ medianMs: null, slowest: false },
  });
  expect(comparePast(broke, [UNDECIDED])).toBeUndefined();
});
