import { expect, test } from 'vitest';
import { claims, demands } from '../../../chaos/claims.ts';
import { complaints, faultsOfWords, gridOf, hasFailed, summarise } from '../../../chaos/outcome.ts';
import { markdownGrid, showGrid, showSummary } from '../../../chaos/table.ts';
import { leaving, resultOf, SURVIVOR } from './results.ts';

test.each([
  ['nothing', resultOf({}), false],
  ['a survivor', leaving({}), true],
  ['a survivor that no promise covers', leaving({}, false), false],
  ['an innocent that was hurt', resultOf({}, { innocents: { watched: 2, hurt: ['12 nginx'] } }), true],
  ['anything else that is wrong', resultOf({}, { claimed: false, faults: ['the next run failed'] }), true],
])('a trial with %s', (_, result, failed) => {
  expect(hasFailed(result)).toBe(failed);
});

test('complaints name each process and by what it was recognised, but not fifty of them', () => {
  const survivors = Array.from({ length: 50 }, (_, index) => ({ ...SURVIVOR, pid: index + 1 }));
  const lines = complaints(resultOf({}, { survivors, faults: ['port 21000 still answers'] }));
  expect(lines).toEqual([
    'survived: 1 python3 daemon.py (marker, births)',
    'survived: 2 python3 daemon.py (marker, births)',
    'survived: 3 python3 daemon.py (marker, births)',
    'survived: 4 python3 daemon.py (marker, births)',
    'and 46 more',
    'port 21000 still answers',
  ]);
});

const RESULTS = [
  resultOf({ behaviour: 'child' }),
  resultOf({ behaviour: 'child', tier: 'cgroup' }, { cleanUpMs: 1400 }),
  leaving({ behaviour: 'tree', event: 'sigint' }),
  resultOf({ behaviour: 'tree', event: 'sigint' }, { innocents: { watched: 3, hurt: ['12 nginx'] } }),
  leaving({ behaviour: 'all-marks-gone' }, false),
];
const NAMES = ['child', 'tree', 'all-marks-gone', 'never drawn'];
const TIERS = ['cgroup', 'finders'];

test('the table has a row for whatever was tried, and a column for each tier', () => {
  expect(showGrid(gridOf('behaviour', RESULTS, NAMES, TIERS)).split('\n')).toEqual([
    'behaviour       cgroup             finders                  innocents hurt',
    'child           1, 0 left, 1.40 s  1, 0 left, 120 ms        0',
    'tree            –                  2, 1 left                1',
    'all-marks-gone  –                  1, 1 left (not claimed)  0',
  ]);
});

test('in the documents it says held or not, and what is not promised', () => {
  expect(markdownGrid(gridOf('behaviour', RESULTS, NAMES, TIERS)).split('\n')).toEqual([
    '| behaviour | cgroup | finders |',
    '| --- | --- | --- |',
    '| `child` | held: 1, worst 1.40 s | held: 1, worst 120 ms |',
    '| `tree` | – | **not held**: 1 of 2 |',
    '| `all-marks-gone` | – | not promised: 1 of 1 left something |',
  ]);
});

test('the summary keeps what was promised apart from what was not', () => {
  const summary = summarise(RESULTS, 12);
  expect(summary).toMatchObject({
    trials: 5,
    left: 2,
    broken: 1,
    failed: 2,
    watched: 3,
    hurt: 1,
    worst: 1400,
  });
  expect(showSummary(summary, 7)).toBe(
    [
      'seed 7: 5 trials in 12 s',
      '1 with survivors where the tier claims to hold, 1 where it does not',
      '1 of 3 innocents hurt, 0 other faults',
      'worst clean-up 1.40 s after the end of Shakedown',
    ].join('\n'),
  );
});

test.each([
  ['finders', 'a daemon', undefined, undefined, true],
  ['finders', 'what bears no mark', 'unmarked', undefined, false],
  ['subreaper', 'what bears no mark', 'unmarked', undefined, true],
  ['subreaper', 'what bears no mark, when Shakedown is killed', 'unmarked', 'shakedown', false],
  ['cgroup', 'what bears no mark, when Shakedown is killed', 'unmarked', 'shakedown', true],
  ['finders', 'what goes on forking, when Shakedown is killed', 'forking', 'shakedown', false],
  ['cgroup', 'a daemon, when Shakedown and its watchdog are killed', undefined, 'both', false],
  ['pid-namespace', 'whatever there is, when both are killed', 'unmarked', 'both', true],
] as const)('%s and %s: the promise is as the product says', (tier, _, difficulty, killed, promised) => {
  expect(claims(tier, demands(difficulty, killed))).toBe(promised);
});

const TOLD = 'left 1 process that could not be stopped, because it runs as another user: other-user';
test.each([
  ['tells of who lives', `${TOLD}\n1 passed, 1 failed`, true, []],
  ['tells that all were ended', 'it and 2 more were stopped\n1 passed, 1 failed', false, []],
  [
    'says nothing of who lives',
    '1 passed, 1 failed',
    true,
    ['the output does not say that somebody could not be stopped'],
  ],
  [
    'tells of who does not live',
    `${TOLD}\n1 passed, 1 failed`,
    false,
    ['the output says that somebody could not be stopped'],
  ],
  [
    'contradicts itself',
    `${TOLD}\nthey were stopped\n1 passed, 1 failed`,
    true,
    ['the output says of who lives that they were stopped'],
  ],
  ['blames the next', `${TOLD}\n2 failed`, true, ['the component after it did not pass']],
])('beside who may not be ended, a run that %s', (_, output, isLeft, faults) => {
  expect(faultsOfWords(output, isLeft)).toEqual(faults);
});
