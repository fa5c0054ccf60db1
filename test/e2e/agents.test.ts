/** Load from many machines: real agents, a real server of Temporal. */
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Authority } from '../rig/certificates.ts';
import { Cluster, type Loaded, lackingCommand, lackingServer } from '../rig/cluster.ts';
import { CountingTarget } from '../rig/counting-target.ts';
import { CLI, Rig, type ShakedownRun } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

const DIST = dirname(CLI);

/** Whether the server can be restarted, and asked what it keeps. */
const hasCommand = isThorough && lackingCommand === undefined;

const codes = ({ result }: Loaded): string[] => (result?.findings ?? []).map(({ code }) => code);
const runOf = ({ stderr }: Loaded): string => /shakedown-load-[\da-f-]+/.exec(stderr)?.[0] ?? '';
const fates = ({ result }: Loaded): string[] => (result?.agents ?? []).map(({ fate }) => fate).sort();

test('a server of Temporal is there, or this file says what is lacking', () => {
  expect(process.env.CI === undefined ? undefined : lackingServer).toBeUndefined();
});

describe.skipIf(lackingServer !== undefined)(`load from many machines ${lackingServer ?? ''}`, () => {
  let rig: Rig;
  let cluster: Cluster;

  beforeAll(async () => {
    rig = await Rig.create();
    cluster = await Cluster.open(rig);
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  let pools = 0;
  /** Agents of a pool of their own, and what begins loads on it. */
  async function pool(count: number, ...flags: readonly string[]) {
    const name = `p${pools++}`;
    const names = Array.from({ length: count }, (_, index) => `agent-${index}`);
    const agents = await cluster.agents(names, '--pool', name, ...flags);
    const load = (url: string, ...more: readonly string[]): ShakedownRun =>
      cluster.load(url, '--pool', name, '--agents', String(count), ...more);
    return { agents, load, name };
  }

  test('two agents send what one machine would, and one that is told to end makes it inconclusive', async () => {
    await using target = await CountingTarget.open();
    const { agents, load } = await pool(2);
    const whole = await Cluster.end(
      load(
        target.url,
        // By their number: then it waits for the last answer, however slow the machine is.
        ...['--rate', '200', '--requests', '400', '--threshold', 'p99 < 20s'],
        ...['--csv', 'seconds.csv', '--hlog', 'times.hlog'],
      ),
    );
    expect(whole, whole.stderr).toMatchObject({ code: 0, result: { verdict: 'passed', ended: 'limit' } });
    expect(whole.result?.counts).toMatchObject({ scheduled: 400, completed: 400 });
    expect(target.count).toBe(400);
    expect(whole.result?.agents).toMatchObject([
      { part: 0, fate: 'finished', sent: 200 },
      { part: 1, fate: 'finished', sent: 200 },
    ]);
    const seconds = whole.result?.windows.length ?? 0;
    expect(seconds).toBeGreaterThanOrEqual(2);
    expect(rig.read('seconds.csv').trim().split('\n')).toHaveLength(1 + seconds);
    const histograms = rig
      .read('times.hlog')
      .split('\n')
      .filter((line) => /^\d/.test(line));
    expect(histograms).toHaveLength(seconds);
    expect(whole.stderr).toMatch(/from 2 agents of pool p\d+ at localhost:\d+, as shakedown-load-/);

    target.count = 0;
    const running = load(target.url, '--rate', '200', '--duration', '10s', '--threshold', 'p99 < 20s');
    await target.has(50);
    agents[0]?.kill('SIGTERM');
    const less = await Cluster.end(running);
    expect(less, less.stderr).toMatchObject({ code: 3, result: { verdict: 'inconclusive' } });
    expect(fates(less)).toEqual(['finished', 'left']);
    expect(codes(less)).toContain('agent-ended-early');
    // What it had sent by then still counts.
    const { completed = 0, inFlightAtEnd = 0 } = less.result?.counts ?? {};
    expect(completed).toBeGreaterThan(0);
    expect(completed).toBeLessThanOrEqual(target.count);
    expect(completed + inFlightAtEnd).toBeGreaterThanOrEqual(target.count);
    expect(await agents[0]?.exit()).toMatchObject({ signal: 'SIGTERM' });
  });

  test('what agents must not or cannot do is refused before anything is sent', async () => {
    await using target = await CountingTarget.open();
    const { load } = await pool(1, '--allow-target', 'only.example');
    const forbidden = await Cluster.end(load(target.url, '--duration', '1s'));
    expect(forbidden).toMatchObject({ code: 2, stdout: '' });
    expect(forbidden.stderr).toMatch(/agent-0 on \S+: its operator does not allow load on 127\.0\.0\.1:\d+/);
    expect(target.count).toBe(0);
  });

  test.runIf(hasCommand)('an agent that is killed is lost, and the others finish', async () => {
    await using target = await CountingTarget.open();
    const { agents, load } = await pool(3);
    const running = load(target.url, '--rate', '300', '--duration', '12s', '--threshold', 'p99 < 20s');
    await target.has(100);
    agents[1]?.kill('SIGKILL');
    // While it goes on: who, since when, and in the lines with figures, which are those of the others.
    await running.output(
      /\n {2}silent: agent-1, part \d, since [\d:]{8}; the figures are from 2 of 3 agents\n/,
    );
    await running.output(/ 10\.00 s .* errors 0, 2\.00 s left; silent: agent-1, part \d, since/);
    const end = await Cluster.end(running);
    expect(end, end.stderr).toMatchObject({ code: 3, result: { verdict: 'inconclusive' } });
    expect(fates(end)).toEqual(['finished', 'finished', 'lost']);
    expect(codes(end)).toContain('agents-missing');
    expect(end.result?.counts.completed).toBeGreaterThanOrEqual(2400);
    expect(end.result?.counts.scheduled).toBeLessThan(3600);
    // The others were heard all the time, and nothing of it was there to take the question.
    const asked = (await cluster.scheduledBy(runOf(end))).filter((type) => type === 'collect');
    expect(asked).toHaveLength(1);
  });

  test.runIf(hasCommand)('so it is with one that was deciding what comes next in the run', async () => {
    await using target = await CountingTarget.open();
    const { agents, name } = await pool(2);
    const join = ['--pool', name, '--agents', '3', '--rate', '60', '--duration', '8s'];
    const begun = cluster.load(target.url, ...join);
    await begun.output(/2 of 3 agents here/);
    // It hosts the run as well.
    begun.kill('SIGKILL');
    const id = runOf({ ...(await begun.exit()), result: undefined });
    agents.push(...(await cluster.agents(['agent-2'], '--pool', name)));
    await target.has(60);
    const host = agents[Number((await cluster.hostsOf(id)).at(-1)?.slice('agent-'.length))];
    // Stopped, it takes what it is to decide, and keeps it.
    host?.kill('SIGSTOP');
    while (!(await cluster.isDeciding(id))) await delay(50);
    host?.kill('SIGKILL');
    const end = await Cluster.end(cluster.load(target.url, '--attach', id));
    expect(end, end.stderr).toMatchObject({ code: 3, result: { verdict: 'inconclusive' } });
    expect(fates(end)).toEqual(['finished', 'finished', 'lost']);
  });

  test.runIf(hasCommand)('an agent whose machine is gone is not asked for ever', async () => {
    await using target = await CountingTarget.open();
    const { agents, load } = await pool(2);
    const running = load(target.url, '--rate', '200', '--duration', '3s');
    await target.has(100);
    // Its connections stay open, and take what is asked of it.
    agents[1]?.kill('SIGSTOP');
    const end = await Cluster.end(running);
    agents[1]?.kill('SIGCONT');
    expect(end, end.stderr).toMatchObject({ code: 3, result: { verdict: 'inconclusive' } });
    expect(fates(end)).toEqual(['finished', 'lost']);
    const asked = (await cluster.scheduledBy(runOf(end))).filter((type) => type === 'collect');
    // Five seconds, and a heartbeat is missed after two. Where it was to host the run, the server waits three seconds for that, twice if it
    // takes that, too: then nobody knows how long the server was away, and it is asked for fifteen.
    expect(asked.length).toBeLessThanOrEqual(8);
  });

  test.runIf(isThorough)('no agent of all is no pass', async () => {
    await using target = await CountingTarget.open();
    const { agents, load } = await pool(2);
    const running = load(target.url, '--rate', '300', '--duration', '5s');
    await target.has(100);
    for (const agent of agents) agent.kill('SIGKILL');
    const end = await Cluster.end(running);
    expect(end, end.stderr).toMatchObject({ code: 3, result: { verdict: 'inconclusive' } });
    expect(fates(end)).toEqual(['lost', 'lost']);
  });

  test.runIf(isThorough)('agents that do not come are waited for, then nothing is sent', async () => {
    await using target = await CountingTarget.open();
    const { name } = await pool(1);
    const flags = ['--pool', name, '--agents', '2', '--wait-for-agents', '3s', '--duration', '1s'];
    const end = await Cluster.end(cluster.load(target.url, ...flags));
    expect(end, end.stderr).toMatchObject({ code: 3, result: { verdict: 'inconclusive' } });
    expect(JSON.stringify(end.result?.findings)).toContain('only 1 of 2 agents came within 3 s');
    expect(target.count).toBe(0);
  });

  test.runIf(isThorough)('an agent that is killed once it has its seat makes room for another', async () => {
    await using target = await CountingTarget.open();
    const { agents, name } = await pool(1);
    const flags = ['--pool', name, '--agents', '2', '--rate', '100', '--requests', '200'];
    const running = cluster.load(target.url, ...flags);
    await running.output(/1 of 2 agents here/);
    agents[0]?.kill('SIGKILL');
    await cluster.agents(['b', 'c'], '--pool', name);
    const end = await Cluster.end(running);
    expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed' } });
    expect(end.result?.agents?.map(({ name }) => name).sort()).toEqual(['b', 'c']);
    expect(target.count).toBe(200);
  });

  test.runIf(isThorough)(
    'a broken bound in what was measured is shown as broken, though an agent is lost',
    async () => {
      await using target = await CountingTarget.open();
      target.failsEvery = 3;
      const { agents, load } = await pool(2);
      const running = load(target.url, '--rate', '300', '--duration', '4s', '--threshold', 'errors == 0');
      await target.has(100);
      agents[0]?.kill('SIGKILL');
      const end = await Cluster.end(running);
      expect(end.result?.thresholds).toMatchObject([{ holds: false }]);
      expect(end, end.stderr).toMatchObject({ code: 1, result: { verdict: 'failed' } });
    },
  );

  test.runIf(hasCommand).for([
    // Some may be silent when it is back, and some not.
    ['a moment', 1000, 0],
    // Longer than heartbeats may stay out: all are.
    ['a while', 5000, 1],
  ] as const)('a server that is away for %s loses no agent', async ([, absence, leastAsked]) => {
    await using target = await CountingTarget.open();
    const { load } = await pool(4);
    const running = load(target.url, '--rate', '80', '--duration', '10s');
    await target.has(40);
    await cluster.killServer();
    await delay(absence);
    await cluster.startServer();
    const end = await Cluster.end(running);
    const asked = (await cluster.scheduledBy(runOf(end))).filter((type) => type === 'collect');
    expect(asked.length, 'silent agents are asked').toBeGreaterThanOrEqual(leastAsked);
    expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed' } });
    expect(end.result?.counts).toMatchObject({ scheduled: 800, completed: 800 });
    expect(target.count).toBe(800);
  });

  test.runIf(hasCommand)('agents finish while the server is away for long, and are collected', async () => {
    await using target = await CountingTarget.open();
    const { load } = await pool(2);
    const running = load(target.url, '--rate', '200', '--duration', '3s');
    await target.has(100);
    await cluster.killServer();
    await running.output(/the server does not answer/);
    await target.has(600);
    // Longer than the SDK waits for a server before it gives up asking for the result.
    await delay(12_000);
    await cluster.startServer();
    const end = await Cluster.end(running);
    expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed' } });
    expect(target.count).toBe(600);
  });

  test.runIf(isThorough)('an agent that stood still makes no false failure', async () => {
    await using target = await CountingTarget.open();
    const { agents, load } = await pool(2);
    const running = load(target.url, '--rate', '200', '--duration', '12s', '--threshold', 'p99 < 1s');
    await target.has(100);
    agents[1]?.kill('SIGSTOP');
    await delay(5000);
    agents[1]?.kill('SIGCONT');
    const end = await Cluster.end(running);
    expect(fates(end), end.stderr).toEqual(['finished', 'finished']);
    expect(end.result?.verdict).toBe('inconclusive');
    expect(end.result?.generator.saturated).toBe(true);
  });

  test.runIf(isThorough)('Ctrl-C stops all agents within a second, and shows what was measured', async () => {
    await using target = await CountingTarget.open();
    const { load } = await pool(2);
    const running = load(target.url, '--rate', '200', '--duration', '60s');
    await target.has(100);
    const at = performance.now();
    running.kill('SIGINT');
    const end = await Cluster.end(running);
    expect(end, end.stderr).toMatchObject({
      signal: 'SIGINT',
      result: { verdict: 'inconclusive', ended: 'interrupted' },
    });
    expect(target.lastAt - at).toBeLessThan(1000);
    const { completed = 0, inFlightAtEnd = 0 } = end.result?.counts ?? {};
    expect(target.count).toBeGreaterThanOrEqual(completed);
    expect(target.count).toBeLessThanOrEqual(completed + inFlightAtEnd);
  });

  test.runIf(isThorough)('a condition of --abort-on in what all have measured ends the load', async () => {
    await using target = await CountingTarget.open();
    target.failsEvery = 2;
    const { load } = await pool(2);
    const flags = ['--rate', '200', '--duration', '60s', '--abort-on', 'errors > 10%'];
    const end = await Cluster.end(load(target.url, ...flags));
    expect(end, end.stderr).toMatchObject({ code: 1, result: { verdict: 'failed', ended: 'aborted' } });
    expect(end.result?.durationMs).toBeLessThan(30_000);
  });

  test.runIf(isThorough)('a run outlives the command line that began it', async () => {
    await using target = await CountingTarget.open();
    const { load } = await pool(2);
    const running = load(target.url, '--rate', '200', '--duration', '4s');
    await target.has(100);
    running.kill('SIGKILL');
    const { stderr } = await running.exit();
    const id = /shakedown-load-[\da-f-]+/.exec(stderr)?.[0] ?? '';
    const elsewhere = await Cluster.end(cluster.load('http://127.0.0.1:1/', '--attach', id));
    expect(elsewhere).toMatchObject({ code: 2 });
    const end = await Cluster.end(cluster.load(target.url, '--attach', id));
    expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed' } });
    expect(target.count).toBe(800);
  });

  test.runIf(isThorough)('an agent of another version is refused before the start', async () => {
    await using target = await CountingTarget.open();
    const copy = join(rig.dir, 'other-version');
    cpSync(DIST, join(copy, 'dist'), { recursive: true });
    rig.link('other-version/node_modules', join(DIST, '../node_modules'));
    rig.write('other-version/package.json', '{ "type": "module", "version": "0.0.9" }');
    const flags = ['--join', cluster.address, '--pool', 'other', '--name', 'old'];
    const old = rig.startProgram([process.execPath, join(copy, 'dist/cli.js'), 'agent', ...flags]);
    await old.output(/ready/);
    const end = await Cluster.end(cluster.load(target.url, '--pool', 'other', '--agents', '1'));
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toMatch(/agent old on \S+ is of version 0\.0\.9, this run of \d/);
    expect(target.count).toBe(0);
  });

  test.runIf(isThorough)(
    'a server that demands a certificate gets it, and nobody comes in without',
    async () => {
      await using target = await CountingTarget.open();
      using authority = new Authority();
      const [cert, key] = authority.issue('localhost');
      const [own, ownKey] = authority.issue('somebody');
      const gate = createTlsServer(
        { cert, key, ca: authority.certificate, requestCert: true, ALPNProtocols: ['h2'] },
        (outer) => {
          const inner = connect(cluster.port, '127.0.0.1');
          pipeline(outer, inner, outer, () => {});
        },
      ).listen(0, '127.0.0.1');
      await once(gate, 'listening');
      const at = `localhost:${(gate.address() as AddressInfo).port}`;
      const files = { '--tls-ca': authority.certificate, '--tls-cert': own, '--tls-key': ownKey };
      const known = Object.entries(files).flatMap(([flag, text]) => [
        flag,
        rig.write(`tls/${flag}.pem`, text),
      ]);
      const join = ['--pool', 'tls', '--join', at];
      const agent = rig.start(['agent', ...join, ...known]);
      await agent.output(/ready/);
      const flags = ['--agents', '1', '--rate', '50', '--duration', '1s', '--json'];
      const end = await Cluster.end(rig.start(['load', target.url, ...join, ...known, ...flags]));
      expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed' } });
      const unknown = await rig.run(['agent', ...join, ...known.slice(0, 2)]);
      expect(unknown).toMatchObject({ code: 2, stdout: '' });
      expect(unknown.stderr).toContain(`no server of Temporal answers at ${at}`);
      gate.close();
    },
  );
});
