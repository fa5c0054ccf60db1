/** Runs from their first event to their last, with fakes in place of processes, in virtual time. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ms } from '../../../src/core/units.ts';
import type { RunEnd } from '../../../src/engine/conclusion.ts';
import { runPlan } from '../../../src/engine/run.ts';
import type { CommandComponent } from '../../../src/kinds/command/component.ts';
import { planRun } from '../../../src/plan/plan.ts';
import type { FakeCommand } from '../../rig/fake-processes.ts';
import { FakeRun } from '../../rig/fake-run.ts';
import { command, suite } from '../plan/suites.ts';

let run: FakeRun;
let end: Promise<RunEnd>;
beforeEach(() => {
  run = new FakeRun();
});

interface Options {
  readonly keepGoing?: boolean;
  readonly jobs?: number;
  readonly repeat?: number;
  readonly flaky?: 'fail' | 'warn';
}

/** @param components each by its name, with what is special about it */
function start(
  components: Readonly<Record<string, Partial<CommandComponent>>>,
  { keepGoing = false, jobs = 1, repeat = 1, ...more }: Options = {},
): void {
  const all = Object.entries(components).map(([name, more]) => command(name, { cwd: '/', ...more }));
  const options = { keepGoing, jobs, repeat, ...more, commands: [] };
  const plan = planRun(suite(all, { root: run.root }), [], options);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  end = runPlan(plan.value, run.host);
}

/** The command of an attempt, once it runs. */
const attempt = (name: string, number = 1): Promise<FakeCommand> =>
  run.processes.started(`${name}.${number}/${name}`);

async function finish(name: string, code: number, number = 1): Promise<void> {
  (await attempt(name, number)).finish(code);
}

test('all pass: from the first event to the last, in the order in which it happens', async () => {
  start({ one: {}, two: { needs: ['one'] } }, { jobs: 2 });
  (await attempt('one')).print('hello\n');
  run.processes.time.pass(250);
  await finish('one', 0);
  await finish('two', 0);
  expect(await end).toEqual({ verdict: 'passed', exitCode: 0 });
  expect(
    run.events.map(({ type }) => type).filter((type) => type !== 'run-note' && type !== 'output'),
  ).toEqual([
    'run-started',
    ...Array(2).fill(['component-started', 'process-started', 'step-finished', 'component-finished']).flat(),
    'run-finished',
  ]);
  expect(run.of('component-finished')).toMatchObject([{ durationMs: 250 }, { durationMs: 0 }]);
  expect(run.of('run-finished')).toMatchObject([{ durationMs: 250 }]);
  expect(run.processes.open).toEqual([]);
});

describe('retries', () => {
  test('a pass on a later attempt is flaky, each with a log and a seed of its own', async () => {
    start({ one: { retries: 2 } });
    await finish('one', 1);
    await finish('one', 0, 2);
    expect(await end).toEqual({ verdict: 'passed', exitCode: 0 });
    expect(run.of('component-retrying')).toMatchObject([{ attempt: 1, attempts: 3 }]);
    expect(run.of('component-finished')).toMatchObject([{ verdict: 'passed', flaky: true, attempts: 2 }]);
    const logs = run.of('component-started').map(({ logFile }) => logFile?.replace(/.*\//, ''));
    expect(logs).toEqual(['one.log', 'one.2.log']);
  });

  test.each<[what: string, of: Partial<CommandComponent>, options: Options, fails: boolean]>([
    ['where the component says so', { flaky: 'fail' }, {}, true],
    ['where the command line says so', {}, { flaky: 'fail' }, true],
    ['unless the command line says otherwise', { flaky: 'fail' }, { flaky: 'warn' }, false],
  ])('a pass on a later attempt is a failure, %s', async (_, of, options, fails) => {
    start({ one: { retries: 2, ...of }, two: {} }, { repeat: 2, ...options });
    await finish('one', 0);
    const second = await attempt('one', 2);
    second.print('the index has 3 rows\n');
    second.finish(4);
    await finish('one', 0, 3);
    if (!fails) for (const number of [1, 2]) await finish('two', 0, number);
    expect(await end).toEqual(
      fails ? { verdict: 'failed', exitCode: 1 } : { verdict: 'passed', exitCode: 0 },
    );
    const [one] = run.of('component-finished');
    expect(one).toMatchObject({ verdict: fails ? 'failed' : 'passed', flaky: true, attempts: 3 });
    const flaky = run.of('finding').filter(({ finding }) => finding.code === 'flaky');
    expect(flaky).toMatchObject(
      fails
        ? [
            {
              attempt: 3,
              finding: {
                message:
                  'one passed on attempt 3, and failed before: one exited with code 4: the index has 3 rows',
                evidence: ['the index has 3 rows'],
                hint: expect.stringMatching(/: npx shakedown one --repeat 20$/),
              },
            },
          ]
        : [],
    );
  });

  test('that all pass at once are not flaky, whatever is said of such', async () => {
    start({ one: { retries: 2, flaky: 'fail' } });
    await finish('one', 0);
    expect(await end).toEqual({ verdict: 'passed', exitCode: 0 });
  });

  test('end with the last of them', async () => {
    start({ one: { retries: 1 } });
    await finish('one', 1);
    await finish('one', 2, 2);
    expect(await end).toEqual({ verdict: 'failed', exitCode: 1 });
    expect(run.of('component-finished')).toMatchObject([{ verdict: 'failed', flaky: false, attempts: 2 }]);
  });

  test('are not for who interrupts', async () => {
    start({ one: { retries: 5 } });
    await attempt('one');
    run.interrupt();
    expect(await end).toEqual({ verdict: 'inconclusive', exitCode: 130 });
    expect(run.of('component-started')).toHaveLength(1);
  });

  test('begin anew in each pass of --repeat, which ends with the first failure', async () => {
    start({ one: {} }, { repeat: 3 });
    await finish('one', 0);
    await finish('one', 1, 2);
    expect(await end).toEqual({ verdict: 'failed', exitCode: 1 });
    expect(run.of('component-finished')).toMatchObject([{ attempts: 2, flaky: false }]);
  });
});

describe('a failure', () => {
  test('ends what runs beside it, and leaves out what follows', async () => {
    start({ one: {}, two: {}, three: {} }, { jobs: 2 });
    const two = await attempt('two');
    await finish('one', 1);
    expect(await end).toEqual({ verdict: 'failed', exitCode: 1 });
    expect(two.exit()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(run.verdicts).toEqual({ one: 'failed', two: 'skipped', three: 'one failed' });
    expect(run.processes.open).toEqual([]);
  });

  test('leaves the others alone with --keep-going, but for those that need it', async () => {
    start({ one: {}, two: {}, three: { needs: ['one'] } }, { jobs: 2, keepGoing: true });
    const two = await attempt('two');
    await finish('one', 1);
    await expect.poll(() => run.verdicts.three).toBe('it needs one, which did not pass');
    expect(two.exit()).toBeUndefined();
    two.finish(0);
    expect(await end).toEqual({ verdict: 'failed', exitCode: 1 });
    expect(run.verdicts).toMatchObject({ one: 'failed', two: 'passed' });
  });
});

describe('a time limit', () => {
  test('fails the component at its very moment', async () => {
    start({ one: { timeout: ms(60_000) } });
    const one = await attempt('one');
    run.processes.time.pass(59_999);
    await attempt('one');
    expect(one.exit()).toBeUndefined();
    run.processes.time.pass(1);
    expect(await end).toEqual({ verdict: 'failed', exitCode: 1 });
    expect(run.findings).toMatchObject([
      { code: 'timeout', message: 'one did not finish within 1m 00s and was stopped', limitMs: 60_000 },
    ]);
    expect(run.processes.owner('one.1/one').ending).toMatchObject({ at: run.processes.time.now() });
  });

  test('does not count the time between Ctrl-Z and fg, nor does anything else', async () => {
    start({ one: { timeout: ms(60_000), slow: ms(30_000) } });
    const one = await attempt('one');
    run.processes.time.pass(10_000);
    run.requests.emit('suspend');
    run.processes.time.pass(3_600_000);
    run.requests.emit('resume');
    expect(run.of('resumed')).toMatchObject([{ stoppedMs: 3_600_000, elapsedMs: 10_000 }]);
    run.processes.time.pass(19_999);
    expect(run.of('component-slow')).toEqual([]);
    run.processes.time.pass(1);
    expect(run.of('component-slow')).toMatchObject([{ afterMs: 30_000 }]);
    one.finish(0);
    expect(await end).toEqual({ verdict: 'passed', exitCode: 0 });
    expect(run.of('step-finished')).toMatchObject([{ durationMs: 30_000 }]);
    expect(run.of('run-finished')).toMatchObject([{ durationMs: 30_000 }]);
  });
});

describe('an interruption', () => {
  test('before the start: nothing is started, and that is told of each', async () => {
    run.interrupt('SIGTERM');
    start({ one: {}, two: {} });
    expect(await end).toMatchObject({ exitCode: 143 });
    expect(run.verdicts).toEqual({ one: 'interrupted', two: 'interrupted' });
    expect(run.processes.owners.size).toBe(0);
    expect(run.events.at(0)?.type).toBe('run-started');
    expect(run.events.at(-1)?.type).toBe('run-finished');
  });

  test('after it: what runs gets its grace and is told of, the rest is left out', async () => {
    start({ one: {}, two: {}, three: {} }, { jobs: 2 });
    await attempt('one');
    await attempt('two');
    run.interrupt();
    expect(await end).toEqual({ verdict: 'inconclusive', exitCode: 130 });
    expect(run.of('interrupted')).toMatchObject([{ signal: 'SIGINT', again: false, ending: ['one', 'two'] }]);
    expect(run.verdicts).toEqual({ one: 'inconclusive', two: 'inconclusive', three: 'interrupted' });
    expect(run.findings).toMatchObject([
      { code: 'interrupted', message: 'one was interrupted by SIGINT' },
      { code: 'interrupted', message: 'two was interrupted by SIGINT' },
    ]);
    expect(run.processes.owner('one.1/one').ending).toMatchObject({ grace: 5000 });
    expect(run.processes.open).toEqual([]);
  });
});

describe('a crash of the code of one component', () => {
  test('is told of it, and of it alone: the others run', async () => {
    const { openOwner } = run.processes;
    Object.assign(run.host, {
      openOwner: (_: unknown, id: string) => {
        if (id.startsWith('one')) throw new TypeError('x is not a function');
        return openOwner(id);
      },
    });
    start({ one: {}, two: {} });
    await finish('two', 0);
    expect(await end).toEqual({ verdict: 'failed', exitCode: 5 });
    expect(run.verdicts).toEqual({ one: 'failed', two: 'passed' });
    expect(run.findings).toMatchObject([{ code: 'internal-error', message: /x is not a function/ }]);
    expect(run.crash).toBeUndefined();
  });

  test('that nobody catches is told of the run, and ends the others', async () => {
    start({ one: {}, two: {}, three: {} }, { jobs: 2 });
    const [one, two] = [await attempt('one'), await attempt('two')];
    run.control.onCrash(new TypeError('x is not a function'));
    expect(await end).toEqual({ verdict: 'failed', exitCode: 5 });
    expect([one, two].map((each) => each.exit()?.signal)).toEqual(['SIGTERM', 'SIGTERM']);
    expect(run.verdicts).toEqual({
      one: 'inconclusive',
      two: 'inconclusive',
      three: 'Shakedown could not go on',
    });
    expect(run.findings.map(({ code }) => code)).toEqual(['ended-early', 'ended-early', 'internal-error']);
    expect(run.events.at(-1)).toMatchObject({ type: 'run-finished', exitCode: 5 });
    expect(run.processes.open).toEqual([]);
  });
});
