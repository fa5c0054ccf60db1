/** What runs under a time limit, in virtual time. */
import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { type StopReason, stopReason, untilAborted } from '../../../src/core/stop-reason.ts';
import { ms } from '../../../src/core/units.ts';
import type { RunResources } from '../../../src/engine/run-context.ts';
import { logPath, type Supervised, type SupervisedTask, supervise } from '../../../src/engine/supervise.ts';
import { openUndos } from '../../../src/engine/undoing.ts';
import type { ComponentContext } from '../../../src/kinds/common/context.ts';
import type { PipeSource } from '../../../src/process/output/pipe-source.ts';
import { MARKS_ONLY } from '../../../src/process/ownership/tiers/marks-only.ts';
import { newRunId, RunDirectory } from '../../../src/store/run-directory.ts';
import { inState } from '../../../src/store/state-folder.ts';
import { FakeRun } from '../../rig/fake-run.ts';

let run: FakeRun;
let resources: RunResources;
/** Of the work, once it has begun. */
let context: ComponentContext;
let outcome: Promise<Supervised<Finding | string>>;
let finish: (result: string) => void;
beforeEach(() => {
  run = new FakeRun();
  const directory = inState(run.root, (state) =>
    RunDirectory.create(state, newRunId(new Date(), process.pid)),
  ).value;
  resources = {
    ...run.host,
    directory,
    undos: openUndos(directory, MARKS_ONLY, () => resources),
    plan: {
      interruptGrace: ms(5000),
      root: '/',
      suite: 'shakedown.config.ts',
      source: { type: 'config', file: '/shakedown.config.ts' },
      shared: [],
    },
    pipes: {} as PipeSource,
    active: new Set(),
    emit: (event) => run.events.push({ ...event, seq: 0, elapsedMs: run.processes.time.now() }),
  };
});

/** Begins work that lasts until it is told to finish, or is to end. */
async function begin(more: Partial<SupervisedTask> = {}, tier = MARKS_ONLY): Promise<void> {
  const task = {
    ...{ component: 'a', id: 'a.1', logName: 'a.log', seed: 7, env: {} },
    ...{ timeout: ms(10_000), stop: run.control.stop, ...more },
  };
  await new Promise<void>((begun) => {
    const work = (given: ComponentContext): Promise<string> => {
      context = given;
      const done = new Promise<string>((resolve) => {
        finish = resolve;
      });
      begun();
      return untilAborted(done, given.signal).then((result) => result ?? 'ended');
    };
    outcome = supervise<Finding | string>(task, { ...resources, tier }, work, (finding) => finding);
  });
}

const pass = (span: number): void => run.processes.time.pass(span);

test('whatever is ended at once hears for itself that there is no time left', async () => {
  const heard: AbortSignal[] = [];
  for (let task = 0; task < 3; task++) {
    await begin();
    context.hurry.addEventListener('abort', () => heard.push(context.hurry));
    heard.push(context.hurry);
  }
  // With hundreds of listeners on one signal, Node warns of a leak.
  expect(new Set(heard).size).toBe(3);
  expect(getEventListeners(run.control.hurry, 'abort')).toEqual([]);
  run.hurry.abort();
  expect(heard.length).toBe(6);
});

describe('a time limit', () => {
  test('strikes at its very moment, says so, and keeps where all stood', async () => {
    await begin();
    pass(9999);
    expect(context.signal.aborted).toBe(false);
    pass(1);
    expect(stopReason(context.signal)).toEqual({ type: 'timeout', limit: 10_000 });
    expect(await outcome).toMatchObject({ result: 'ended', timedOut: { running: [], stacks: [] } });
  });

  test('counts no time for which the run is stopped (Ctrl-Z)', async () => {
    await begin();
    pass(4000);
    context.clock.suspend();
    pass(86_400_000);
    context.clock.resume();
    pass(5999);
    expect(context.signal.aborted).toBe(false);
    pass(1);
    expect(context.signal.aborted).toBe(true);
    expect((await outcome).timedOut).toBeDefined();
  });

  test('is disarmed when the work has ended', async () => {
    await begin({ slow: ms(2000) });
    finish('done');
    expect(await outcome).toMatchObject({ result: 'done', timedOut: undefined, logFailure: undefined });
    expect(run.processes.time.alarms).toBe(0);
  });

  test('is not what ends work that ends before it by an interruption', async () => {
    await begin();
    pass(9999);
    run.interrupt('SIGTERM');
    expect(stopReason(context.signal)).toEqual({
      type: 'interrupted',
      signal: 'SIGTERM',
    } satisfies StopReason);
    expect(await context.snapshot()).toBeUndefined();
    expect((await outcome).timedOut).toBeUndefined();
  });
});

describe('that it is slow', () => {
  test('is said once, at its moment', async () => {
    await begin({ slow: ms(2000) });
    pass(1999);
    expect(run.events).toEqual([]);
    pass(8000);
    expect(run.of('component-slow')).toMatchObject([
      { component: 'a', afterMs: 2000, limitMs: 10_000, elapsedMs: 1000 + 2000 },
    ]);
    finish('done');
    await outcome;
  });

  test.for([
    ['where the limit comes first', { slow: ms(10_000) }, false],
    ['where it is being ended', { slow: ms(2000) }, true],
  ] as const)('is not said %s', async ([, task, isStopped]) => {
    await begin(task);
    if (isStopped) run.interrupt();
    pass(9000);
    expect(run.events).toEqual([]);
    finish('done');
    await outcome;
  });
});

test('while it runs, what it consists of is among what is active', async () => {
  await begin();
  const owner = run.processes.openOwner('x');
  context.onOwner({ step: 'x', owner, scanner: {} as never });
  expect([...resources.active]).toMatchObject([{ component: 'a', steps: [{ step: 'x', owner }] }]);
  finish('done');
  await outcome;
  expect(resources.active.size).toBe(0);
});

test('a bug in the work comes out as a finding, its trace is in the log, and whoever is left is ended', async () => {
  const ended = { killed: [{ pid: 1, command: 'left', ageMs: 1 }], survivors: [] };
  const tier: typeof MARKS_ONLY = {
    ...MARKS_ONLY,
    open: async (of) => ({ ...(await MARKS_ONLY.open(of)), close: async () => ended }),
  };
  const task = { component: 'a', id: 'a.1', logName: 'a.log', seed: 1, env: {}, timeout: ms(10_000) };
  const { result, timedOut, strays } = await supervise<Finding | string>(
    { ...task, stop: run.control.stop },
    { ...resources, tier },
    async () => {
      throw new TypeError('x is not a function');
    },
    (finding) => finding,
  );
  expect(result).toMatchObject({ code: 'internal-error', message: /x is not a function/ });
  expect(timedOut).toBeUndefined();
  expect(strays).toEqual(ended);
  expect(readFileSync(logPath(resources, 'a.log'), 'utf8')).toMatch(/TypeError: x is not a function\n +at /);
  expect(resources.active.size).toBe(0);
  expect(run.processes.time.alarms).toBe(0);
});

test('whoever is still in the enclosure is told of, but for those that may be left', async () => {
  const sighting = (pid: number, command: string) => ({ pid, command, ageMs: 1 });
  const tier: typeof MARKS_ONLY = {
    ...MARKS_ONLY,
    open: async (of) => ({
      ...(await MARKS_ONLY.open(of)),
      close: async () => ({
        killed: [sighting(1, 'gpg-agent --daemon'), sighting(2, 'stray')],
        survivors: [],
      }),
    }),
  };
  await begin({ leave: ['gpg-agent'] }, tier);
  finish('done');
  expect((await outcome).strays).toEqual({ killed: [sighting(2, 'stray')], survivors: [] });
});

test('trouble of the machine with a service of the suite names it as the config does', async () => {
  const trouble = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  const ofService = await supervise<Finding | string>(
    {
      ...{ component: 'shared:db', id: 'shared.db', logName: 'db.log', seed: 7, env: {} },
      ...{ timeout: ms(10_000), stop: run.control.stop },
    },
    { ...resources, tier: MARKS_ONLY },
    () => Promise.reject(trouble),
    (finding) => finding,
  );
  expect(JSON.stringify(ofService)).toContain('\\"db\\" could not be done: ');
  expect(JSON.stringify(ofService)).not.toContain('shared:db');
});
