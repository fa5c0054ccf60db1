/** Runs that are compared with earlier ones, and written down for later ones. */
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { EXPECT_SUCCESS } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import type { RunEnd } from '../../../src/engine/conclusion.ts';
import { runPlan } from '../../../src/engine/run.ts';
import type { CommandComponent } from '../../../src/kinds/command/component.ts';
import { type PlanOptions, planRun } from '../../../src/plan/plan.ts';
import { cookieName } from '../../../src/store/run-directory.ts';
import type { RunLine } from '../../../src/store/run-line.ts';
import { FakeRun } from '../../rig/fake-run.ts';
import { command, suite } from '../plan/suites.ts';

let run: FakeRun;
beforeEach(() => {
  run = new FakeRun();
});

type Components = Readonly<Record<string, Partial<CommandComponent>>>;

/** What has become of a component: how long its command took, and its exit code; or nothing, where it is to be interrupted. */
type Course = Readonly<Record<string, readonly [afterMs: number, code: number] | 'interrupted'>>;

async function runOnce(
  components: Components,
  course: Course,
  {
    isCompared = true,
    names = [] as string[],
    ...options
  }: Partial<PlanOptions> & { isCompared?: boolean; names?: string[] } = {},
): Promise<RunEnd> {
  const root = run.root;
  const all = Object.entries(components).map(([name, more]) => command(name, { cwd: root, ...more }));
  const plan = planRun(
    suite(all, { root, source: { type: 'convention', dir: join(root, 'integration') } }),
    names,
    { keepGoing: true, jobs: 1, repeat: 1, ...options },
  );
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  const next = new FakeRun();
  run = Object.assign(next, { root });
  const end = runPlan(plan.value, { ...run.host, isCompared });
  for (const [name, how] of Object.entries(course)) {
    const started = await run.processes.started(`${name}.1/${name}`);
    if (how === 'interrupted') run.interrupt();
    else {
      run.processes.time.pass(how[0]);
      started.finish(how[1]);
    }
  }
  return end;
}

const written = (): RunLine[] =>
  readFileSync(join(run.root, '.shakedown/history'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunLine);

const known = () => run.of('history')[0];

test('a run is written down in a line, and the next one is told of it before anything runs', async () => {
  await runOnce({ one: {}, two: {}, three: { needs: ['two'] } }, { one: [250, 0], two: [20, 3] });
  expect(known()).toBeUndefined();
  expect(run.of('run-started')).toMatchObject([{ isCompared: true }]);
  const [first] = written();
  expect(first).toMatchObject({
    ...{ version: 1, suite: 'integration', verdict: 'failed', durationMs: 270, rerunOf: null },
    components: [
      { name: 'one', kind: 'command', verdict: 'passed', durationMs: 250, flaky: false, rate: null },
      { name: 'two', verdict: 'failed', durationMs: 20 },
      { name: 'three', verdict: 'skipped', durationMs: 0 },
    ],
  });
  await runOnce({ one: {}, two: {} }, { one: [100, 0], two: [10, 0] });
  expect(run.events.map(({ type }) => type).slice(0, 3)).toEqual([
    ...['run-started', 'history', 'component-started'],
  ]);
  expect(known()?.runs).toEqual([
    { run: first?.run, startedAt: first?.startedAt, verdict: 'failed', durationMs: 270 },
  ]);
  // Without what is usual.
  expect(known()?.components).toEqual({
    one: [{ durationMs: 250 }],
    two: [{ durationMs: 20, verdict: 'failed' }],
  });
  expect(written()).toHaveLength(2);
});

test('the folders of runs may go, and the history stays', async () => {
  await runOnce({ one: {} }, { one: [5, 0] });
  rmSync(join(run.root, '.shakedown/runs'), { recursive: true });
  await runOnce({ one: {} }, { one: [5, 0] });
  expect(known()?.runs).toHaveLength(1);
});

test('retries are part of what is remembered, and only the last attempt counts', async () => {
  const one = { retries: 1 };
  const root = run.root;
  const all = [command('one', { cwd: root, ...one })];
  const plan = planRun(
    suite(all, { root, source: { type: 'convention', dir: join(root, 'integration') } }),
    [],
    { keepGoing: true, jobs: 1, repeat: 1 },
  );
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  const end = runPlan(plan.value, { ...run.host, isCompared: true });
  (await run.processes.started('one.1/one')).finish(1);
  (await run.processes.started('one.2/one')).finish(0);
  await end;
  expect(written()).toMatchObject([{ components: [{ verdict: 'passed', flaky: true }] }]);
});

describe('a component is compared with itself alone', () => {
  const BASE = { one: {} } as const;

  test.each<[what: string, components: Components, options: Partial<PlanOptions>, isSame: boolean]>([
    ['with nothing changed', BASE, {}, true],
    ['that runs something else', { one: { command: { type: 'shell', line: 'false' } } }, {}, false],
    [
      'that must print something else',
      { one: { expect: { ...EXPECT_SUCCESS, exitCodes: [0, 1] } } },
      {},
      false,
    ],
    ['repeated', BASE, { repeat: 2 }, false],
    ['beside others', BASE, { jobs: 2 }, false],
    ['with another seed', BASE, { seed: 7 }, true],
    ['with another limit and more attempts', { one: { timeout: ms(5000), retries: 3 } }, {}, true],
    ['with another environment', { one: { env: { BUILD: '1234' } } }, {}, true],
    ['under another name', { other: {} }, {}, false],
  ])('%s', async (_, components, options, isSame) => {
    await runOnce(BASE, { one: [5, 0] });
    const [name = ''] = Object.keys(components);
    const course = options.repeat === undefined ? { [name]: [5, 0] as const } : { [name]: [5, 1] as const };
    await runOnce(components, course, options);
    expect(known() !== undefined).toBe(isSame);
  });

  test('runs without it do not count, and only so many do', async () => {
    await runOnce({ one: {}, two: {} }, { one: [5, 0], two: [6, 0] });
    for (let time = 0; time < 20; time++)
      await runOnce({ one: {}, two: {} }, { one: [time, 0] }, { names: ['one'] });
    await runOnce({ one: {}, two: {} }, { two: [5, 0] }, { names: ['two'] });
    expect(known()?.components).toMatchObject({ two: [{ durationMs: 6 }] });
    await runOnce({ one: {}, two: {} }, { one: [5, 0], two: [5, 0] });
    expect(known()?.runs).toHaveLength(19);
    expect(known()?.components.one?.slice(0, 2)).toMatchObject([{ durationMs: 2 }, { durationMs: 3 }]);
    expect(known()?.components.two?.slice(-2)).toMatchObject([null, { durationMs: 5 }]);
  });
});

describe('what is not compared', () => {
  test('a run that is not asked to be, such as a proof or one that is watched', async () => {
    await runOnce({ one: {} }, { one: [5, 0] }, { isCompared: false });
    expect(run.of('run-started')[0]).not.toHaveProperty('isCompared');
    await runOnce({ one: {} }, { one: [5, 0] });
    expect(known()).toBeUndefined();
    expect(written()).toHaveLength(1);
  });

  test('a run within another one of the same folder', async () => {
    await runOnce({ one: {} }, { one: [5, 0] });
    const outer = written()[0]?.run ?? '';
    mkdirSync(join(run.root, '.shakedown/runs', outer), { recursive: true });
    symlinkSync('/dev/null', join(run.root, '.shakedown/runs', outer, 'runner.json'));
    vi.stubEnv(cookieName(outer), '1');
    await runOnce({ one: {} }, { one: [5, 0] });
    vi.unstubAllEnvs();
    expect(known()).toBeUndefined();
    expect(written()).toHaveLength(1);
  });
});

test('an interruption is written down, and its components came to no verdict', async () => {
  await runOnce({ one: {}, two: {} }, { one: 'interrupted' });
  expect(written()).toMatchObject([
    { verdict: 'inconclusive', components: [{ verdict: 'inconclusive' }, { verdict: 'skipped' }] },
  ]);
});

describe('a history that cannot be used is told, and changes no verdict', () => {
  test('since something else is in its place', async () => {
    mkdirSync(join(run.root, '.shakedown/history'), { recursive: true, mode: 0o700 });
    const end = await runOnce({ one: {} }, { one: [5, 0] });
    expect(end).toEqual({ verdict: 'passed', exitCode: 0 });
    expect(run.of('run-note')).toMatchObject([
      { finding: { code: 'log-incomplete', message: expect.stringContaining('this run is missing in ') } },
    ]);
    expect(run.events.at(-1)?.type).toBe('run-finished');
  });

  test('since somebody has planted a link, once', async () => {
    mkdirSync(join(run.root, '.shakedown'), { mode: 0o700 });
    symlinkSync('/etc/passwd', join(run.root, '.shakedown/history'));
    expect(await runOnce({ one: {} }, { one: [5, 0] })).toEqual({ verdict: 'passed', exitCode: 0 });
    expect(run.of('run-note')).toMatchObject([
      {
        finding: {
          code: 'not-believed',
          message: expect.stringMatching(/history is a link: this run is not compared with earlier ones$/),
        },
      },
    ]);
  });
});
