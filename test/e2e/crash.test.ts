/** Whatever happens to Shakedown itself: what runs is ended, each report is whole, one line tells of it, and the code is 5. */
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { processesWith } from '../rig/processes.ts';
import { type Invocation, Rig, type ShakedownRun } from '../rig/rig.ts';
import { codesOf, componentOf, httpSuite, JSON_REPORT } from '../rig/services.ts';
import { inTurn } from '../rig/thorough.ts';

const PRELOAD = { NODE_OPTIONS: `--require ${join(import.meta.dirname, '../rig/crash.cjs')}` };
const REPORTS = [...JSON_REPORT, '--report', 'junit=junit.xml', '--report', 'ndjson=events.ndjson'];
const TRACE = /with the stack trace in (\/\S+\.txt)$/m;

async function running(rig: Rig): Promise<{ run: ShakedownRun; thread: Invocation }> {
  const command = rig.command();
  rig.config({
    components: {
      first: { kind: 'command', run: 'true' },
      thread: { kind: 'command', run: command.line },
      never: { kind: 'command', run: 'true' },
    },
  });
  const run = rig.start(REPORTS, PRELOAD);
  return { run, thread: await command.invocation() };
}

const CRASHES = [
  { what: 'an exception', signal: 'SIGWINCH', message: 'Shakedown itself failed: thrown for a test' },
  { what: 'a rejected promise', signal: 'SIGCONT', message: 'Shakedown itself failed: rejected for a test' },
  {
    what: 'a signal that has no meaning (SIGUSR1)',
    signal: 'SIGUSR1',
    message: 'an unexpected SIGUSR1 arrived',
  },
  { what: 'another one (SIGALRM)', signal: 'SIGALRM', message: 'an unexpected SIGALRM arrived' },
  { what: 'the limit of CPU time (SIGXCPU)', signal: 'SIGXCPU', message: 'an unexpected SIGXCPU arrived' },
] as const;

describe.for(inTurn(CRASHES, 2))('$what', ({ signal, message }) => {
  test('ends what runs, completes every report, tells one line, and exits with 5', async () => {
    await using rig = await Rig.create();
    const { run, thread } = await running(rig);
    run.kill(signal);
    await thread.gone;
    const { code, stdout, stderr } = await run.exit();
    expect(code).toBe(5);

    const [line = '', ...more] = stderr.trimEnd().split('\n');
    expect(more).toEqual([]);
    expect(line).toContain(`shakedown: ${message}`);
    expect(`${stdout}${stderr}`).not.toMatch(/^\s+at /m);
    if (message.startsWith('an unexpected')) expect(line).not.toMatch(/a bug|report it|trace in/);
    else {
      const trace = TRACE.exec(line)?.[1] ?? '';
      expect(readFileSync(trace, 'utf8')).toMatch(/^\s+at /m);
      rmSync(trace);
    }

    const report = rig.report();
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 5, notes: [{ code: 'internal-error' }] });
    expect(report.components.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['first', 'passed'],
      ['thread', 'inconclusive'],
      ['never', 'skipped'],
    ]);
    expect(codesOf(componentOf(report, 'thread'))).toEqual(['ended-early']);
    const junit = rig.read('junit.xml');
    expect(junit).toMatch(/^<\?xml.*<\/testsuites>\n$/su);
    expect(junit).toMatch(/<testsuite [^>]*tests="4" failures="1" errors="1" [^>]*skipped="1"/);
    expect(junit).toContain(message);
    const last = { type: 'run-finished', exitCode: 5 };
    expect(JSON.parse(rig.read('events.ndjson').trim().split('\n').at(-1) ?? '')).toMatchObject(last);
    expect(run.journal().at(-1)).toMatchObject(last);
    expect(rig.alive()).toEqual([]);
    expect(processesWith(rig.dir)).toEqual([]);
  });
});

test('an exception while a service serves: it is ended politely, and its port is free', async () => {
  await using rig = await Rig.create();
  const { server, client, port } = await httpSuite(rig);
  const run = rig.start(REPORTS, PRELOAD);
  const serving = await server.invocation();
  await serving.listen(port);
  await client.invocation();
  await serving.ignore('SIGTERM');
  run.kill('SIGWINCH');
  await serving.signal('SIGTERM');
  await serving.exit(0);
  const { code, stderr } = await run.exit();
  expect(code).toBe(5);
  rmSync(TRACE.exec(stderr)?.[1] ?? '');
  expect(await rig.isFree(port)).toBe(true);
  expect(rig.alive()).toEqual([]);
});

test('killed, it leaves reports that say so', async () => {
  await using rig = await Rig.create();
  const { run, thread } = await running(rig);
  run.kill('SIGKILL');
  await thread.gone;
  await run.exit();
  const [started] = run.journal();
  if (started?.type !== 'run-started') throw new Error('it has not started');
  const junit = rig.read('junit.xml');
  expect(junit).toContain(`tests="${started.components.length + 1}" failures="0" errors="1"`);
  expect(junit).toContain('had not begun, as far as this report knows');
  expect(junit).toContain('the run did not finish');
  expect(junit).toContain(`shakedown show ${started.run}`);
  expect(rig.report()).toMatchObject({ verdict: 'inconclusive', exitCode: null, run: started.run });
});

test('an exception before there is anything to end', async () => {
  await using rig = await Rig.create();
  rig.write(
    'shakedown.config.mjs',
    "process.nextTick(() => { throw new Error('by the config') });\nawait new Promise((resolve) => setTimeout(resolve, 60_000));\nexport default {};",
  );
  const { code, stdout, stderr } = await rig.run(['list']);
  expect(code).toBe(5);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^shakedown: Shakedown itself failed: by the config .*\n$/);
  rmSync(TRACE.exec(stderr)?.[1] ?? '');
});

test('a wait for nothing is one as well', async () => {
  await using rig = await Rig.create();
  const args = ['load', 'http://somewhere.test/'];
  const { code, stdout, stderr } = await rig.run(args, { ...PRELOAD, WAIT_FOR_NOTHING: '1' });
  expect(code).toBe(5);
  expect(stdout).toBe('');
  expect(stderr).toContain('nothing is left to wait for, but there is no verdict');
  rmSync(TRACE.exec(stderr)?.[1] ?? '');
});

test('but that of a config is the config’s', async () => {
  await using rig = await Rig.create();
  rig.write('shakedown.config.mjs', 'await new Promise(() => {});\nexport default {};');
  const { code, stderr } = await rig.run(['run']);
  expect(code).toBe(2);
  expect(stderr).toContain('shakedown.config.mjs never finishes loading');
});

test('a load is ended with what it has measured', async () => {
  await using rig = await Rig.create();
  const server = createServer((request, response) => {
    if (request.url === '/') response.end('ok');
    run.kill('SIGWINCH');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const run = rig.start(['load', url, '--duration', '1h', '--connections', '1', '--json'], PRELOAD);
  const { code, stdout, stderr } = await run.exit();
  server.closeAllConnections();
  server.close();
  expect(code).toBe(5);
  expect(JSON.parse(stdout)).toMatchObject({ ended: 'interrupted', verdict: 'inconclusive' });
  expect(stderr).toContain('shakedown: Shakedown itself failed: thrown for a test');
  rmSync(TRACE.exec(stderr)?.[1] ?? '');
});

test('an exception while a package is installed: npm is ended, and the report is whole', async () => {
  await using rig = await Rig.create();
  const script = rig.command();
  const manifest = { name: 'slow', version: '1.0.0', main: 'main.js', scripts: { prepack: script.line } };
  rig.write('slow/package.json', JSON.stringify(manifest));
  rig.write('slow/main.js', '');
  const env = { ...PRELOAD, XDG_CACHE_HOME: join(rig.dir, 'cache') };
  const run = rig.start(['package', './slow', ...REPORTS], env);
  const packing = await script.invocation();
  run.kill('SIGWINCH');
  await packing.gone;
  const { code, stderr } = await run.exit();
  expect(code).toBe(5);
  expect(rig.report()).toMatchObject({
    exitCode: 5,
    setup: [{ name: 'install', outcome: 'failed', findings: [{ code: 'ended-early' }] }],
    notes: [{ code: 'internal-error' }],
  });
  expect(rig.read('junit.xml')).toContain('errors="1"');
  expect(rig.alive()).toEqual([]);
  rmSync(TRACE.exec(stderr)?.[1] ?? '');
});

describe('what is still open does not keep the process when all is said', () => {
  const KEEP_OPEN = { ...PRELOAD, KEEP_OPEN: '1' };

  const commands = [
    ['run', 0],
    ['list', 0],
    ['plan', 0],
    ['sweep', 0],
    ['doctor', 0],
    ['load http://127.0.0.1:1/ --requests 1', 1],
    ['package ./nothing', 2],
    ['help', 0],
    ['run --no-such-option', 2],
  ] as const;
  test.for(inTurn(commands, 4))('%s', async ([words, code]) => {
    await using rig = await Rig.create();
    rig.config({ components: { thread: { kind: 'command', run: 'true' } } });
    expect((await rig.run(words.split(' '), KEEP_OPEN)).code).toBe(code);
  });

  test('nor when a signal ends it', async () => {
    await using rig = await Rig.create();
    const command = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: command.line } } });
    const run = rig.start([], KEEP_OPEN);
    await command.invocation();
    run.kill('SIGINT');
    expect((await run.exit()).signal).toBe('SIGINT');
  });

  test('and a slow reader gets all that was said', async () => {
    await using rig = await Rig.create();
    const components = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`component-${index}`, { kind: 'command', run: 'true' }]),
    );
    rig.config({ components });
    const { stdout } = await rig.run(['plan', '--json'], KEEP_OPEN);
    expect(stdout.length).toBeGreaterThan(500_000);
    expect(JSON.parse(stdout)).toMatchObject({ components: expect.any(Array) });
  });
});
