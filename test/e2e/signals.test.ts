/** Interruptions: the first ends things politely, the second at once; reports are written, and the code is the signal's. */
import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { GroupedRun } from '../rig/processes.ts';
import { type Invocation, Rig, type ShakedownRun } from '../rig/rig.ts';
import { codesOf, componentOf, findingOf, httpSuite, JSON_REPORT } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

/** A suite of one command which has started, and tells when it is asked to end. */
async function running(rig: Rig, ...args: string[]): Promise<{ run: ShakedownRun; thread: Invocation }> {
  const command = rig.command();
  rig.config({ components: { thread: { kind: 'command', run: command.line } } });
  const run = rig.start([...args, ...JSON_REPORT]);
  const thread = await command.invocation();
  await thread.ignore('SIGTERM');
  return { run, thread };
}

/** Sends a signal again and again, as an impatient person does, until the program says something. */
async function insist(run: ShakedownRun, signal: NodeJS.Signals, answer: RegExp): Promise<void> {
  const timer = setInterval(() => run.kill(signal), 10);
  await run.output(answer);
  clearInterval(timer);
}

describe.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s', (signal) => {
  const exitCode = 128 + constants.signals[signal];

  test('once: says what is being ended, ends it politely, and ends by the same signal', async () => {
    await using rig = await Rig.create();
    const { run, thread } = await running(rig);
    run.kill(signal);
    await run.output(new RegExp(`${signal} stopping thread; repeat it to kill at once`));
    await thread.signal('SIGTERM');
    await thread.print('tidying up\n');
    await thread.exit(0);

    const end = await run.exit();
    expect([end.code, end.signal]).toEqual([null, signal]);
    expect(end.stdout).toContain('INCONCLUSIVE  0 passed, 1 inconclusive');
    expect(end.stdout).toContain(`thread was interrupted by ${signal}`);
    expect(end.stdout).not.toContain('killing');
    expect(rig.read('.shakedown/latest/logs/thread.log')).toContain('tidying up');
    const report = rig.report();
    expect([report.verdict, report.exitCode]).toEqual(['inconclusive', exitCode]);
    const component = componentOf(report, 'thread');
    expect(component.verdict).toBe('inconclusive');
    expect(codesOf(component)).toEqual(['interrupted']);
    expect(findingOf(component, 'interrupted').signal).toBe(signal);
    expect(rig.alive()).toEqual([]);
  });

  test.runIf(isThorough || signal === 'SIGINT')(
    'twice: what does not end is killed, and the report is written all the same',
    async () => {
      await using rig = await Rig.create();
      const { run, thread } = await running(rig);
      run.kill(signal);
      await thread.signal('SIGTERM');
      await insist(run, signal, /again: killing what is left/);
      await thread.gone;

      const end = await run.exit();
      expect([end.code, end.signal]).toEqual([null, signal]);
      const report = rig.report();
      expect([report.verdict, report.exitCode]).toEqual(['inconclusive', exitCode]);
      expect(codesOf(componentOf(report, 'thread'))).toEqual(['interrupted']);
      expect(rig.alive()).toEqual([]);
    },
  );
});

test('a second signal of the same moment is a duplicate: npm passes on what the terminal has sent already', async () => {
  await using rig = await Rig.create();
  const { run, thread } = await running(rig);
  // Stopped meanwhile, it finds them all at once. Two of the same kind would be one even to the kernel.
  for (const signal of ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGCONT'] as const) run.kill(signal);
  await thread.signal('SIGTERM');
  await thread.print('still polite\n');
  await thread.exit(0);
  const end = await run.exit();
  expect(end.stdout).toMatch(/^ {2}SIG\w+ stopping thread/m);
  expect(end.stdout).not.toContain('killing');
  expect(end.stdout.match(/repeat it to kill at once/g)).toHaveLength(1);
  expect(rig.alive()).toEqual([]);
});

test('what is to run after a component still does, and a second signal ends it', async () => {
  await using rig = await Rig.create();
  const [thread, after] = [rig.command(), rig.command()];
  const component = { kind: 'command', run: thread.line, after: [after.line, 'touch never'] };
  rig.config({ components: { thread: component } });
  const run = rig.start(JSON_REPORT);
  const attempt = await thread.invocation();
  run.kill('SIGINT');
  await attempt.gone;
  const tidying = await after.invocation();
  await insist(run, 'SIGINT', /again: killing what is left/);
  await tidying.gone;
  expect((await run.exit()).signal).toBe('SIGINT');
  expect(rig.exists('never')).toBe(false);
  expect(rig.alive()).toEqual([]);
});

test('Ctrl-C reaches Shakedown alone: its children, in sessions of their own, hear of it as SIGTERM', async () => {
  await using rig = await Rig.create();
  const command = rig.command();
  rig.config({ components: { thread: { kind: 'command', run: command.line } } });
  await using run = new GroupedRun(rig, []);
  const thread = await command.invocation();
  const heard: string[] = [];
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    await thread.ignore(signal);
    void thread.signal(signal).then(() => heard.push(signal));
  }
  run.signalGroup('SIGINT');
  await thread.signal('SIGTERM');
  // Whatever was sent before has been heard when this is answered.
  await thread.print('');
  expect(heard).toEqual(['SIGTERM']);
  await thread.exit(0);
  expect((await run.exit()).signal).toBe('SIGINT');
});

test('all that run side by side are named and ended; what would have followed is skipped', async () => {
  await using rig = await Rig.create();
  const [first, second, third] = [rig.command(), rig.command(), rig.command()];
  const component = (run: string): object => ({ kind: 'command', run, retries: 2 });
  rig.config({
    components: {
      first: component(first.line),
      second: component(second.line),
      third: component(third.line),
    },
  });
  const run = rig.start(['--jobs', '2', '--keep-going', ...JSON_REPORT]);
  const both = [await first.invocation(), await second.invocation()];
  run.kill('SIGINT');
  await Promise.all(both.map(({ gone }) => gone));
  const end = await run.exit();
  expect(end.signal).toBe('SIGINT');
  expect(end.stdout).toContain('SIGINT stopping first, second;');
  const verdicts = rig.report().components.map(({ name, verdict, attempts }) => [name, verdict, attempts]);
  expect(verdicts).toEqual([
    ['first', 'inconclusive', 1],
    ['second', 'inconclusive', 1],
    ['third', 'skipped', 0],
  ]);
  expect(componentOf(rig.report(), 'third').skipped).toBe('interrupted');
  expect([first.unasked, second.unasked, third.unasked]).toEqual([0, 0, 0]);
});

test('what has failed before stays failed', async () => {
  await using rig = await Rig.create();
  const [first, second] = [rig.command(), rig.command()];
  rig.config({
    components: {
      first: { kind: 'command', run: first.line },
      second: { kind: 'command', run: second.line },
    },
  });
  const run = rig.start(['--keep-going', ...JSON_REPORT]);
  await (await first.invocation()).exit(1);
  await second.invocation();
  run.kill('SIGINT');
  expect((await run.exit()).signal).toBe('SIGINT');
  const report = rig.report();
  expect([report.verdict, report.exitCode]).toEqual(['failed', 130]);
  expect(report.components.map(({ verdict }) => verdict)).toEqual(['failed', 'inconclusive']);
});

describe('an http component is ended wherever it is', () => {
  test('before its server is ready', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig);
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    run.kill('SIGINT');
    await serving.gone;
    expect((await run.exit()).signal).toBe('SIGINT');
    expect(rig.report().verdict).toBe('inconclusive');
    expect(codesOf(componentOf(rig.report()))).toEqual(['interrupted']);
    expect(client.unasked).toBe(0);
    expect(await rig.isFree(port)).toBe(true);
  });

  test('while one of several services starts: those that run are ended too', async () => {
    await using rig = await Rig.create();
    const [db, api] = [rig.command(), rig.command()];
    const services = {
      db: { run: db.line, ready: { log: 'up' }, expect: { output: 'shut down well' } },
      api: { run: api.line, ready: { log: 'up' }, needs: ['db'] },
    };
    rig.config({ components: { http: { kind: 'http', services, client: 'exit 9' } } });
    const run = rig.start([...JSON_REPORT]);
    const storing = await db.invocation();
    await storing.print('up\n');
    await api.invocation();
    run.kill('SIGINT');
    await storing.gone;
    await run.exit();
    expect(codesOf(componentOf(rig.report()))).toEqual(['interrupted']);
    expect(rig.report().verdict).toBe('inconclusive');
    expect(rig.alive()).toEqual([]);
  });

  test('while its client runs: the client first, then the server', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig);
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    await serving.ignore('SIGTERM');
    const caller = await client.invocation();
    await caller.ignore('SIGTERM');
    let isServerTold = false;
    void serving.signal('SIGTERM').then(() => {
      isServerTold = true;
    });
    run.kill('SIGINT');
    await caller.signal('SIGTERM');
    await serving.print('');
    expect(isServerTold).toBe(false);
    await caller.printError('Traceback (most recent call last):\nKeyboardInterrupt\n');
    await caller.exit(1);
    await serving.signal('SIGTERM');
    await serving.exit(0);
    expect((await run.exit()).signal).toBe('SIGINT');
    expect(codesOf(componentOf(rig.report()))).toEqual(['interrupted']);
    expect(rig.report().verdict).toBe('inconclusive');
    expect(await rig.isFree(port)).toBe(true);
  });

  test.runIf(isThorough)('while its server takes its time to end: a second signal kills it', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig, { server: { grace: '1h' } });
    const run = rig.start([...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    await serving.ignore('SIGTERM');
    await (await client.invocation()).exit(0);
    await serving.signal('SIGTERM');
    run.kill('SIGINT');
    await run.output(/stopping http/);
    await insist(run, 'SIGINT', /killing what is left/);
    await serving.gone;
    expect((await run.exit()).signal).toBe('SIGINT');
    expect(rig.report().verdict).toBe('inconclusive');
  });

  test('while the built-in client sends', async () => {
    await using rig = await Rig.create();
    const { server, port } = await httpSuite(rig, { client: { kind: 'load', duration: '1h' } });
    const run = rig.start(['--report', 'ndjson', ...JSON_REPORT]);
    await (await server.invocation()).listen(port);
    await run.output(/"service-ready"/);
    run.kill('SIGTERM');
    expect((await run.exit()).signal).toBe('SIGTERM');
    expect(codesOf(componentOf(rig.report()))).toEqual(['interrupted']);
    expect(rig.alive()).toEqual([]);
  });
});

test('a setup step is ended, and nothing of the suite is started', async () => {
  await using rig = await Rig.create();
  const [setup, thread] = [rig.command(), rig.command()];
  rig.config({
    setup: [{ name: 'venv', run: setup.line }],
    components: { thread: { kind: 'command', run: thread.line } },
  });
  const run = rig.start([...JSON_REPORT]);
  const preparing = await setup.invocation();
  run.kill('SIGINT');
  await preparing.gone;
  const end = await run.exit();
  expect(end.signal).toBe('SIGINT');
  expect(end.stdout).toContain('SIGINT stopping venv');
  const report = rig.report();
  expect([report.verdict, report.exitCode]).toEqual(['inconclusive', 130]);
  expect(report.setup).toMatchObject([
    { name: 'venv', outcome: 'failed', findings: [{ code: 'interrupted', signal: 'SIGINT' }] },
  ]);
  expect(report.components).toMatchObject([{ name: 'thread', verdict: 'skipped', skipped: 'interrupted' }]);
  expect(thread.unasked).toBe(0);
  expect(rig.alive()).toEqual([]);
});

test('a report for machines on standard output is complete', async () => {
  await using rig = await Rig.create();
  const { run, thread } = await running(rig, '--report', 'ndjson', '--report', 'junit=junit.xml');
  run.kill('SIGTERM');
  await thread.signal('SIGTERM');
  await thread.exit(0);
  const { stdout, stderr } = await run.exit();
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  expect(events.map(({ type }) => type)).toContain('interrupted');
  expect(events.find(({ type }) => type === 'interrupted')).toMatchObject({
    signal: 'SIGTERM',
    again: false,
    ending: ['thread'],
  });
  expect(events.at(-1)).toMatchObject({ type: 'run-finished', verdict: 'inconclusive', exitCode: 143 });
  expect(stderr).toContain('SIGTERM stopping thread');
  expect(rig.read('junit.xml')).toContain('thread was interrupted by SIGTERM');
});
