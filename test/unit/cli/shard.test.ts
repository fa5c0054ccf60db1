/** `--shard`: by which earlier runs a plan is dealt. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { expect, onTestFinished, test } from 'vitest';
import { lastFailures } from '../../../src/cli/last-failures.ts';
import { shardOption } from '../../../src/cli/option-values.ts';
import { takeShard } from '../../../src/cli/shard.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { planRun } from '../../../src/plan/plan.ts';
import { pastRuns } from '../../../src/store/past-runs.ts';
import type { RunLine } from '../../../src/store/run-line.ts';
import { command, suite } from '../plan/suites.ts';

const NAMES = ['a', 'b', 'c', 'd'];
type Past = Readonly<Record<string, number | Verdict>>;

/** A run that took so long in each, in milliseconds, or came to that. */
const line = (day: number, past: Past, more: Partial<RunLine> = {}): RunLine => ({
  ...{
    version: 1,
    run: `2026010${day}-100000-aaaaa1`,
    suite: 'integration',
    startedAt: `2026-01-0${day}T10:00:00.000Z`,
  },
  ...{ verdict: 'passed', durationMs: 1, rerunOf: null },
  components: Object.entries(past).map(([name, how]) => ({
    ...{ name, kind: 'command', likeness: '', flaky: false, rate: null, p99Us: null, errors: null },
    ...(typeof how === 'number' ? { verdict: 'passed', durationMs: how } : { verdict: how, durationMs: 1 }),
  })),
  ...more,
});

function suiteWith(lines: readonly RunLine[]) {
  const root = mkdtempSync(join(tmpdir(), 'shakedown-shard-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, '.shakedown'), { mode: 0o700 });
  writeFileSync(join(root, '.shakedown/history'), lines.map((each) => `${JSON.stringify(each)}\n`).join(''));
  chmodSync(join(root, '.shakedown/history'), 0o600);
  const source = { type: 'convention', dir: join(root, 'integration') } as const;
  return suite(
    NAMES.map((name) => command(name)),
    { root, source },
  );
}

/** @returns the shards of two, and by what they were dealt */
function dealt(lines: readonly RunLine[], env: NodeJS.ProcessEnv = {}) {
  const plan = planRun(suiteWith(lines), [], { jobs: 1, keepGoing: true, repeat: 1 });
  if (!plan.ok) throw new Error(plan.error[0]?.message);
  const { shard } = takeShard(plan.value, { number: 1, of: 2 }, env);
  const of = (number: number): string[] =>
    shard?.deal.filter((each) => each.shard === number).map(({ name }) => name) ?? [];
  return { by: shard?.dealtBy, shards: [of(1), of(2)], build: shard?.build };
}

const EVENLY = {
  by: 'count',
  shards: [
    ['a', 'c'],
    ['b', 'd'],
  ],
};

test('without a history by number, else by the median of earlier passes', () => {
  expect(dealt([])).toMatchObject(EVENLY);
  const runs = [
    line(1, { a: 9, b: 2, c: 3, d: 3 }),
    line(2, { a: 9, b: 900, c: 3, d: 3 }),
    line(3, { a: 9, b: 1, c: 3, d: 3 }),
  ];
  expect(dealt(runs)).toMatchObject({ by: 'durations', shards: [['a'], ['b', 'c', 'd']] });
});

test('runs that failed or were not reached tell nothing of how long a component takes', () => {
  expect(dealt([line(1, { a: 'failed', b: 'skipped', c: 'inconclusive' })])).toMatchObject(EVENLY);
});

test('a shard does not count until it is merged, so that several come to the same in one folder', () => {
  const shards = [line(1, { a: 9 }, { isShard: true }), line(2, { b: 2, c: 3, d: 3 }, { isShard: true })];
  expect(dealt(shards)).toMatchObject(EVENLY);
  const merges = shards.map(({ run }) => run);
  const whole = line(1, { a: 9, b: 2, c: 3, d: 3 }, { merges });
  expect(dealt([...shards, whole])).toMatchObject({ by: 'durations', shards: [['a'], ['b', 'c', 'd']] });
  // What was merged stands for its parts.
  const { root } = suiteWith([...shards, whole]);
  expect(pastRuns(root, 'integration').map(({ merges: parts }) => parts)).toEqual([merges]);
});

test('nor does it for --failed with --shard', () => {
  const lines = [line(1, { a: 'failed', b: 'failed' }), line(2, { a: 1 }, { isShard: true })];
  const names = (shard?: { number: number; of: number }): readonly string[] => {
    const failed = lastFailures(suiteWith(lines), {
      failed: true,
      ...(shard === undefined ? {} : { shard }),
    });
    return failed.ok ? (failed.value?.names ?? []) : [];
  };
  expect(names()).toEqual(['b']);
  expect(names({ number: 1, of: 2 })).toEqual(['a', 'b']);
});

test('the build is that of the pipeline, if there is one', () => {
  expect(dealt([], { GITHUB_RUN_ID: '7' }).build).toBe('GitHub 7');
  expect(dealt([], { CI_PIPELINE_ID: '8' }).build).toBe('GitLab 8');
  expect(dealt([]).build).toBeUndefined();
});

test.each(['0/3', '4/3', '1', '1/', '/3', 'a/b', '1/0', '-1/3', '1/1001', '1/3/5', ' 1/3'])(
  '%j is no shard',
  (text) => expect(() => shardOption(text)).toThrow(InvalidArgumentError),
);

test('2/3 is one', () => {
  expect(shardOption('2/3')).toEqual({ number: 2, of: 3 });
});
