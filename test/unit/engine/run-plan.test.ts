/** Runs in this very process, with a tier and sinks that fail as the test says. Their commands are real, and end at once. */
import { tmpdir } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import { secrets } from '../../../src/core/secrets.ts';
import type { StopReason } from '../../../src/core/stop-reason.ts';
import type { EventSink } from '../../../src/engine/emitter.ts';
import { runPlan } from '../../../src/engine/run.ts';
import { planRun } from '../../../src/plan/plan.ts';
import { Owner } from '../../../src/process/ownership/owner.ts';
import { MARKS_ONLY } from '../../../src/process/ownership/tiers/marks-only.ts';
import type { Tier } from '../../../src/process/ownership/tiers/tier.ts';
import { FakeRun } from '../../rig/fake-run.ts';
import { command, suite } from '../plan/suites.ts';

const clock = new Clock();

/** With real owners: what of a run fails is around its processes. */
class Stage extends FakeRun {
  run(
    names: readonly string[],
    { tier = MARKS_ONLY, sinks = [] as EventSink[], at = this.root, keepGoing = false } = {},
  ) {
    const components = names.map((name) =>
      command(name, { cwd: tmpdir(), command: { type: 'shell', line: `echo ${name}` } }),
    );
    const options = { keepGoing, jobs: 1, repeat: 1, commands: [] };
    const plan = planRun(suite(components, { root: at }), [], options);
    if (!plan.ok) throw new Error(JSON.stringify(plan.error));
    return runPlan(plan.value, {
      ...this.host,
      ...{ tier, clock, sinks: [...this.host.sinks, ...sinks] },
      openOwner: (context, id) => new Owner(context, id),
    });
  }
}

/** A tier that opens for all but the second attempt. */
function tierThatFails(error: unknown): Tier {
  let opened = 0;
  return {
    ...MARKS_ONLY,
    open: async (of) => {
      opened += 1;
      if (opened === 2) throw error;
      return MARKS_ONLY.open(of);
    },
  };
}

const errno = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${code}: x`), { code, syscall });

test('a variable that `secrets` names and nobody has is told once, with the name that was probably meant', async () => {
  const names = ['RUN_PLAN_DOOR', 'QUITE_ELSEWHERE_9', 'RUN_PLAN_GATE', 'RUN_PLAN_HEADER', 'RUN_PLAN_PIN'];
  secrets.name(names);
  secrets.learn({ components: { a: { env: { RUN_PLAN_GATE: '' }, headers: { RUN_PLAN_HEADER: 'x' } } } });
  secrets.learn({ run: 'RUN_PLAN_PIN=zxcvbn12 sh -c :' });
  process.env.RUN_PLAN_DOORS = 'x';
  try {
    const stage = new Stage();
    expect(await stage.run(['one', 'two'])).toEqual({ verdict: 'passed', exitCode: 0 });
    expect(stage.findings).toMatchObject([
      { code: 'unknown-secret', name: 'RUN_PLAN_DOOR', hint: 'did you mean RUN_PLAN_DOORS?' },
      { code: 'unknown-secret', name: 'QUITE_ELSEWHERE_9', hint: 'correct the name, or remove it' },
    ]);
  } finally {
    delete process.env.RUN_PLAN_DOORS;
    // All tests of this file share one list.
    secrets.learnEnvironment(Object.fromEntries(names.map((name) => [name, ''])));
  }
});

describe('a tier that cannot be opened for a component', () => {
  test.for([
    ['anything', new Error('it is gone'), /no finders can be opened for it: it is gone/],
    ['no more processes', errno('EAGAIN', 'spawn unshare'), /no more processes can be started/],
    ['no more files', errno('EMFILE', 'open'), /has reached its limit of open files/],
  ] as const)('%s: that component is inconclusive, and the next ones run', async ([, error, message]) => {
    const stage = new Stage();
    const end = await stage.run(['one', 'two', 'three'], { tier: tierThatFails(error) });
    expect(end).toEqual({ verdict: 'inconclusive', exitCode: 3 });
    expect(stage.verdicts).toEqual({ one: 'passed', two: 'inconclusive', three: 'passed' });
    expect(stage.findings).toMatchObject([
      { code: 'machine-trouble', message: expect.stringMatching(message), hint: expect.any(String) },
    ]);
    expect(stage.crash).toBeUndefined();
  });

  test('nor be closed: the component is told of it, with what it came to', async () => {
    const tier: Tier = {
      ...MARKS_ONLY,
      open: async (of) => ({
        ...(await MARKS_ONLY.open(of)),
        close: async () => {
          throw new TypeError('a bug');
        },
      }),
    };
    const stage = new Stage();
    expect(await stage.run(['one', 'two'], { tier })).toEqual({ verdict: 'failed', exitCode: 5 });
    // A bug of Shakedown is no reason to leave out what follows.
    expect(stage.verdicts).toEqual({ one: 'failed', two: 'failed' });
    expect(stage.findings.map(({ code }) => code)).toEqual(['internal-error', 'internal-error']);
  });
});

test('what the suite has failed of holds beside a failure of Shakedown', async () => {
  const stage = new Stage();
  let closed = 0;
  const tier: Tier = {
    ...MARKS_ONLY,
    open: async (of) => ({
      ...(await MARKS_ONLY.open(of)),
      close: async () => {
        closed += 1;
        if (closed === 1) throw new TypeError('a bug');
        return { killed: [{ pid: 1, command: 'left', ageMs: 0 }], survivors: [] };
      },
    }),
  };
  expect(await stage.run(['one', 'two'], { tier })).toEqual({ verdict: 'failed', exitCode: 1 });
});

describe('a bug', () => {
  test('in a report: the others are told all, and the run ends with its verdict', async () => {
    const stage = new Stage();
    const broken: EventSink = (event) => {
      if (event.type === 'component-finished') throw new TypeError('a bug');
    };
    const end = await stage.run(['one', 'two'], { sinks: [broken] });
    expect(end).toEqual({ verdict: 'failed', exitCode: 5 });
    expect(stage.verdicts).toEqual({ one: 'passed', two: 'Shakedown could not go on' });
    expect(stage.events.at(-1)).toMatchObject({ type: 'run-finished', exitCode: 5 });
    expect(stage.findings).toMatchObject([{ code: 'internal-error', message: /a bug/ }]);
  });

  test('at the end of the run', async () => {
    const stage = new Stage();
    const tier: Tier = {
      ...MARKS_ONLY,
      close: async () => {
        throw new TypeError('a bug');
      },
    };
    expect(await stage.run(['one'], { tier })).toEqual({ verdict: 'failed', exitCode: 5 });
    expect(stage.verdicts).toEqual({ one: 'passed' });
  });
});

test('nowhere to write, not even a temporary folder: inconclusive, and told', async () => {
  const stage = new Stage();
  vi.stubEnv('TMPDIR', '/proc/nowhere');
  vi.stubEnv('XDG_STATE_HOME', '/proc/nowhere');
  try {
    expect(await stage.run(['one'], { at: '/proc/nowhere' })).toEqual({
      verdict: 'inconclusive',
      exitCode: 3,
    });
  } finally {
    vi.unstubAllEnvs();
  }
  expect(stage.events[0]?.type).toBe('run-started');
  expect(stage.verdicts).toEqual({ one: 'Shakedown could not go on' });
  expect(stage.findings).toMatchObject([
    { code: 'machine-trouble', hint: expect.stringContaining('TMPDIR') },
  ]);
});

test('a run that does not end when it is stopped is given up, with its last words', async () => {
  const stage = new Stage();
  const tier: Tier = { ...MARKS_ONLY, open: () => new Promise(() => {}) };
  const run = stage.run(['one', 'two'], { tier });
  await expect.poll(() => stage.events.some(({ type }) => type === 'component-started')).toBe(true);
  stage.stop.abort({ type: 'interrupted', signal: 'SIGINT' } satisfies StopReason);
  stage.abandon.abort();
  expect(await run).toEqual({ verdict: 'inconclusive', exitCode: 130 });
  expect(stage.verdicts).toEqual({ one: 'inconclusive', two: 'interrupted' });
  const seen = stage.events.length;
  expect(stage.events[seen - 1]?.type).toBe('run-finished');
});
