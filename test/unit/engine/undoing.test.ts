/** What a run has registered is undone at its end, on every path, and told; with fakes in place of processes. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { ms } from '../../../src/core/units.ts';
import type { RunEnd } from '../../../src/engine/conclusion.ts';
import { type Course, runComponents } from '../../../src/engine/course.ts';
import { runPlan } from '../../../src/engine/run.ts';
import { planRun } from '../../../src/plan/plan.ts';
import { undosPath } from '../../../src/store/undo-file.ts';
import type { FakeCommand } from '../../rig/fake-processes.ts';
import { FakeRun } from '../../rig/fake-run.ts';
import { command, suite } from '../plan/suites.ts';

let run: FakeRun;
let end: Promise<RunEnd>;
beforeEach(() => {
  run = new FakeRun();
});

/** A run of one component, `one`, before which two undos are registered. */
function start(): void {
  const plan = planRun(suite([command('one', { cwd: '/' })], { root: run.root }), [], {
    ...{ keepGoing: false, jobs: 1, repeat: 1, commands: [] },
  });
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  const course: Course = async (prepared) => {
    for (const name of ['first', 'second'])
      prepared.run.undos.register(
        {
          ...{ kind: 'undo', name, title: `undo of setup "${name}"`, cwd: '/', env: { STEP: name } },
          ...{ command: { type: 'shell', line: `drop ${name}` }, timeout: ms(60_000) },
        },
        name,
      );
    await runComponents(prepared);
  };
  end = runPlan(plan.value, run.host, course);
}

const one = (): Promise<FakeCommand> => run.processes.started('one.1/one');
/** Registered first, carried out last. */
const first = (): Promise<FakeCommand> => run.processes.started('undo-first/undo');
const second = (): Promise<FakeCommand> => run.processes.started('undo-second/undo');

/** Whether the only run has left a file of what is to be undone. */
function isAnythingLeft(): boolean {
  const runs = join(run.root, '.shakedown/runs');
  return readdirSync(runs).some((name) => existsSync(undosPath(join(runs, name))));
}

test('the latest first, with the environment that was registered, when the component has ended', async () => {
  start();
  const component = await one();
  expect(isAnythingLeft()).toBe(true);
  expect(run.processes.owners.has('undo-second/undo')).toBe(false);
  component.finish(0);
  const undoing = await second();
  expect(undoing.options.env).toMatchObject({ STEP: 'second' });
  expect(run.processes.owners.has('undo-first/undo')).toBe(false);
  undoing.finish(0);
  (await first()).finish(0);
  expect(await end).toEqual({ verdict: 'passed', exitCode: 0 });
  expect(run.of('teardown-finished')).toMatchObject([
    { kind: 'undo', step: 'second', outcome: 'done', findings: [] },
    { kind: 'undo', step: 'first', outcome: 'done', findings: [] },
  ]);
  expect(isAnythingLeft()).toBe(false);
  expect(run.processes.open).toEqual([]);
});

test('after a failure too', async () => {
  start();
  (await one()).finish(1);
  (await second()).finish(0);
  (await first()).finish(0);
  expect(await end).toEqual({ verdict: 'failed', exitCode: 1 });
});

test('one that fails makes the run fail, says how and what to do, and keeps none from being carried out', async () => {
  start();
  (await one()).finish(0);
  const undoing = await second();
  undoing.print('database is being accessed\n');
  undoing.finish(3);
  (await first()).finish(0);
  expect(await end).toEqual({ verdict: 'failed', exitCode: 1 });
  expect(run.of('teardown-finished')).toMatchObject([
    {
      outcome: 'failed',
      findings: [
        {
          code: 'undo-failed',
          message: 'undo of setup "second" exited with code 3: database is being accessed',
          command: 'drop second',
          exitCode: 3,
          hint: expect.stringContaining(
            '`shakedown sweep` try again, or do it by hand: (cd / && drop second)',
          ),
        },
      ],
    },
    { outcome: 'done' },
  ]);
  expect(isAnythingLeft()).toBe(true);
});

test('one that hangs is ended at its time limit', async () => {
  start();
  (await one()).finish(0);
  const hanging = await second();
  run.processes.time.pass(59_999);
  await second();
  expect(hanging.exit()).toBeUndefined();
  run.processes.time.pass(1);
  (await first()).finish(0);
  expect((await end).verdict).toBe('failed');
  expect(run.of('teardown-finished')[0]?.findings).toMatchObject([
    { code: 'undo-failed', message: 'undo of setup "second" did not finish within 1m 00s and was stopped' },
  ]);
});

describe('Ctrl-C', () => {
  test('while the component runs: everything is undone', async () => {
    start();
    await one();
    run.interrupt();
    (await second()).finish(0);
    (await first()).finish(0);
    expect(await end).toEqual({ verdict: 'inconclusive', exitCode: 130 });
    expect(isAnythingLeft()).toBe(false);
  });

  test('while something is undone: that goes on, and it is said so', async () => {
    start();
    (await one()).finish(0);
    const undoing = await second();
    run.interrupt();
    expect(run.of('interrupted')).toMatchObject([{ again: false, ending: [], undoing: 'undo:second' }]);
    run.processes.time.pass(30_000);
    expect(undoing.exit()).toBeUndefined();
    undoing.finish(0);
    (await first()).finish(0);
    expect((await end).exitCode).toBe(130);
    expect(isAnythingLeft()).toBe(false);
  });

  test('twice: what is undone gets ten seconds, all together', async () => {
    start();
    await one();
    run.interrupt();
    run.hurry.abort();
    const undoing = await second();
    run.processes.time.pass(9_999);
    await second();
    expect(undoing.exit()).toBeUndefined();
    run.processes.time.pass(1);
    expect((await end).exitCode).toBe(130);
    expect(run.of('teardown-finished').map(({ findings }) => findings[0])).toMatchObject([
      {
        code: 'undo-failed',
        message: 'undo of setup "second" did not finish within 10.00 s and was stopped',
      },
      { code: 'undo-failed', message: 'undo of setup "first" was not begun: the run had to end at once' },
    ]);
    expect(isAnythingLeft()).toBe(true);
  });
});

test('a bug of ours does not keep anything from being undone', async () => {
  start();
  await one();
  run.control.onCrash(new Error('a bug'));
  (await second()).finish(0);
  (await first()).finish(0);
  expect((await end).exitCode).toBe(5);
  expect(isAnythingLeft()).toBe(false);
});
