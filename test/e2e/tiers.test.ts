/** Each tier that this machine permits holds what it promises, for root and for an ordinary user. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Clock } from '../../src/core/clock.ts';
import { TIER_CHOICES, TIERS, type TierChoice } from '../../src/core/ownership.ts';
import { tryTiers } from '../../src/process/ownership/tiers/choose.ts';
import { readProcess, sight } from '../../src/process/system/proc.ts';
import { AS_USER, permitsNetworks } from '../rig/network-namespaces.ts';
import { escapingLine, processesWith } from '../rig/processes.ts';
import { CLI, type FakeCommand, Rig } from '../rig/rig.ts';
import { argvOf, codesOf, componentOf, findingOf, JSON_REPORT } from '../rig/services.ts';
import { hasTurn, inTurn, isThorough } from '../rig/thorough.ts';

const reports = await tryTiers(new Clock());
const permitted = reports.filter((report) => report.permitted).map(({ tier }) => tier);
const promises = (tier: TierChoice, guarantee: string): boolean =>
  TIERS[tier].some((each) => each === guarantee);
const hasPython = spawnSync('python3', ['-c', 'import ctypes']).status === 0;
const isRoot = process.getuid?.() === 0;

/** A line for the shell that leaves a command behind which no mark gives away, and which nobody saw leave. */
const vanishing = (command: FakeCommand): string =>
  `${process.execPath} ${join(import.meta.dirname, '../rig/vanish.mjs')} ${argvOf(command).join(' ')}`;

/** Where control groups version 1 can freeze processes: then not even SIGKILL ends them. */
const FREEZER = ['/sys/fs/cgroup/freezer'].find((path) => existsSync(path));

class Freezer implements AsyncDisposable {
  readonly #group: string;
  #pid = 0;

  constructor(name: string) {
    this.#group = join(FREEZER ?? '', `shakedown-test-${basename(name)}`);
    mkdirSync(this.#group);
  }

  freeze(pid: number): void {
    this.#pid = pid;
    writeFileSync(join(this.#group, 'cgroup.procs'), String(pid));
    writeFileSync(join(this.#group, 'freezer.state'), 'FROZEN');
  }

  thaw(): void {
    writeFileSync(join(this.#group, 'freezer.state'), 'THAWED');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    await expect.poll(() => existsSync(`/proc/${this.#pid}`), { timeout: 20_000 }).toBe(false);
    rmdirSync(this.#group);
  }
}

/** A worker that ends without having been asked to by its primary is a crash for that. */
const CLUSTER = `
import cluster from 'node:cluster';
import { createServer } from 'node:http';
if (cluster.isPrimary) {
  let left = 2;
  let up = 0;
  let stopping = false;
  cluster.on('listening', () => ++up === left && console.log('all workers are up'));
  for (let i = 0; i < left; i++) cluster.fork();
  cluster.on('exit', (worker, code, signal) => {
    if (!stopping || signal) throw new Error('a worker was lost: ' + (signal ?? code));
    if (--left === 0) console.log('all workers have ended well');
  });
  process.on('SIGTERM', () => {
    stopping = true;
    for (const worker of Object.values(cluster.workers)) worker.send('stop');
  });
} else {
  const server = createServer((_request, response) => response.end('ok'));
  server.listen(Number(process.env.PORT), '127.0.0.1');
  process.on('message', (word) => { if (word === 'stop') server.close(() => process.exit(0)); });
}
`;

test('`doctor` tells of every tier, and which is in force', async () => {
  await using rig = await Rig.create();
  const { stdout, code } = await rig.run(['doctor', '--json']);
  expect(code).toBe(0);
  const { ownership, clientNetwork } = JSON.parse(stdout);
  expect(ownership.tiers).toEqual(reports);
  expect(clientNetwork.permitted).toBe(permitsNetworks() || permitsNetworks(AS_USER));
  expect(ownership.guarantees).toEqual(TIERS[ownership.tier as TierChoice]);
  const { stdout: text } = await rig.run(['doctor']);
  for (const tier of TIER_CHOICES) expect(text).toMatch(new RegExp(`^  [✓✗] ${tier} +\\S`, 'm'));
  expect(text).toMatch(new RegExp(`✓ ${ownership.tier} +in force`));
  expect(text).toMatch(/ to prove it:\n {2}[✓✗] \S/);
  // Without the programs that it takes there is none.
  const bare = await rig.run(['doctor'], { PATH: rig.dir });
  expect(bare.stdout).toMatch(/✗ `nsenter` \(util-linux\) is not installed\n {4}without it .* exit code 3$/m);
});

test('this machine permits a tier beyond the finders', () => {
  if (process.platform === 'linux')
    expect(permitted).toEqual(expect.arrayContaining(['subreaper', 'finders']));
});

test('a tier that does not exist, or is not permitted, is refused before anything runs', async () => {
  await using rig = await Rig.create();
  rig.script('integration/thread', 'touch ran', 'echo done');
  const { code, stderr } = await rig.run(['--ownership', 'magic', 'thread']);
  expect([code, rig.exists('integration/ran')]).toEqual([2, false]);
  expect(stderr).toContain('pid-namespace, cgroup, subreaper, finders');
  // Without the programs that it takes there is no namespace.
  const bare = await rig.run(['--ownership', 'pid-namespace', 'thread'], { PATH: rig.dir });
  expect([bare.code, rig.exists('integration/ran')]).toEqual([2, false]);
  expect(bare.stderr).toMatch(
    /ownership by pid-namespace is not available on this machine: unshare, .* not installed/,
  );
  expect(bare.stderr).toContain('shakedown doctor');
});

describe.each(permitted)('in the tier %s', (tier) => {
  /** What is alike in all tiers is tried in one, and what each does in its own way in every other. */
  const isTried = hasTurn(permitted.indexOf(tier));
  const hasOwnWay = hasTurn(permitted.indexOf(tier), 2);
  const own = ['--ownership', tier, ...JSON_REPORT];

  test.runIf(hasOwnWay)(
    'the tier is named on the first line and in the report, with what it guarantees',
    async () => {
      await using rig = await Rig.create();
      rig.script('integration/thread', 'echo done');
      const { code, stdout } = await rig.run([...own, 'thread']);
      expect(code).toBe(0);
      expect(stdout.split('\n')[0]).toContain(`ownership: ${tier}`);
      expect(rig.report().ownership).toEqual({ tier, guarantees: TIERS[tier] });
    },
  );

  test.runIf(isTried)(
    'a command has its exit code, its folder, its arguments, its environment and its output',
    async () => {
      await using rig = await Rig.create();
      const thread = rig.command();
      mkdirSync(join(rig.dir, 'a folder'));
      rig.config({
        components: {
          thread: {
            kind: 'command',
            run: argvOf(thread).concat('a b', '$HOME', ''),
            cwd: 'a folder',
            env: { X: 'y z' },
          },
        },
      });
      const run = rig.start(own);
      const invocation = await thread.invocation();
      expect(invocation.args).toEqual(['a b', '$HOME', '']);
      expect([invocation.cwd, invocation.env.X]).toEqual([join(rig.dir, 'a folder'), 'y z']);
      await invocation.print('said\n');
      await invocation.exit(7);
      expect((await run.exit()).code).toBe(1);
      expect(findingOf(componentOf(rig.report(), 'thread'), 'exit-code')).toMatchObject({ exitCode: 7 });
      expect(rig.read('.shakedown/latest/logs/thread.log')).toContain('said');
    },
  );

  test.runIf(isTried)('a signal that kills a command is named, and a missing program as well', async () => {
    await using rig = await Rig.create();
    rig.config({
      components: {
        crash: { kind: 'command', run: 'kill -SEGV $$' },
        missing: { kind: 'command', run: ['no-such-program'] },
      },
    });
    await rig.run([...own, '--keep-going']);
    expect(findingOf(componentOf(rig.report(), 'crash'), 'exit-code').signal).toBe('SIGSEGV');
    expect(findingOf(componentOf(rig.report(), 'missing'), 'missing-program').program).toBe(
      'no-such-program',
    );
  });

  test.runIf(promises(tier, 'unmarked'))('what no mark gives away is ended, named, and fails', async () => {
    await using rig = await Rig.create();
    const [left, last] = [rig.command(), rig.command()];
    rig.config({ components: { thread: { kind: 'command', run: `${vanishing(left)}\n${last.line}` } } });
    const run = rig.start(own);
    const behind = await left.invocation();
    expect(Object.keys(behind.env).filter((name) => name.startsWith('SHAKEDOWN'))).toEqual([]);
    // It is killed five seconds later.
    if (isTried) await behind.ignore('SIGTERM');
    await (await last.invocation()).exit(0);
    await behind.gone;
    expect((await run.exit()).code).toBe(1);
    const component = componentOf(rig.report(), 'thread');
    expect(codesOf(component)).toEqual(['leaked-process']);
    expect(findingOf(component, 'leaked-process').processes.map(({ pid }) => pid)).toEqual([behind.pid]);
    expect(rig.alive()).toEqual([]);
  });

  test.runIf(promises(tier, 'unmarked'))(
    'a server that no mark gives away serves, and is ended',
    async () => {
      await using rig = await Rig.create();
      const [server, client] = [rig.command(), rig.command()];
      const port = await rig.freePort();
      const service = { run: vanishing(server), port, daemon: true };
      rig.config({ components: { http: { kind: 'http', server: service, client: client.line } } });
      const run = rig.start(own);
      const serving = await server.invocation();
      await serving.listen(port);
      await (await client.invocation()).exit(0);
      await serving.gone;
      expect((await run.exit()).code).toBe(0);
      expect(componentOf(rig.report()).services).toMatchObject([{ pid: serving.pid, port }]);
      expect(rig.alive()).toEqual([]);
      expect(await rig.isFree(port)).toBe(true);
    },
  );

  test.runIf(isTried && promises(tier, 'unmarked'))(
    'a client that leaves something unmarked is to blame',
    async () => {
      await using rig = await Rig.create();
      const [server, client, helper] = [rig.command(), rig.command(), rig.command()];
      const port = await rig.freePort();
      rig.config({
        components: {
          http: { kind: 'http', server: { run: server.line, port }, client: escapingLine(client, helper) },
        },
      });
      const run = rig.start(own);
      await (await server.invocation()).listen(port);
      const calling = await client.invocation();
      const behind = await helper.invocation();
      await calling.exit(0);
      await behind.gone;
      expect((await run.exit()).code).toBe(1);
      const { step, processes } = findingOf(componentOf(rig.report()), 'leaked-process');
      expect([step, ...processes.map(({ pid }) => pid)]).toEqual(['client', behind.pid]);
    },
  );

  test.runIf(isTried)('a primary that ends its workers in its own way is left to it', async () => {
    await using rig = await Rig.create();
    rig.write('server.mjs', CLUSTER);
    const server = {
      run: 'exec node server.mjs',
      port: 0,
      ready: { log: 'all workers are up' },
      grace: '1h',
    };
    rig.config({ components: { http: { kind: 'http', server, client: 'echo asked' } } });
    const { code, stdout } = await rig.run(own);
    expect([code, stdout]).toEqual([0, expect.any(String)]);
    expect(componentOf(rig.report()).findings).toEqual([]);
    expect(rig.read('.shakedown/latest/logs/http.log')).toContain('all workers have ended well');
  });

  test.runIf(hasOwnWay)('what is stopped, and what stops itself, is ended', async () => {
    await using rig = await Rig.create();
    const thread = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: thread.line, timeout: '1h' } } });
    const run = rig.start(own);
    const stopped = await thread.invocation();
    process.kill(stopped.pid, 'SIGSTOP');
    run.kill('SIGINT');
    await stopped.gone;
    expect((await run.exit()).signal).toBe('SIGINT');
    expect(rig.alive()).toEqual([]);
  });

  // By default `npm run chaos` alone does that to it.
  test.runIf(isThorough)('two that start each other anew when one is killed are both ended', async () => {
    await using rig = await Rig.create();
    const respawner = join(import.meta.dirname, '../rig/respawn.mjs');
    rig.script('integration/thread', `${process.execPath} ${respawner} '${rig.dir}' &`, 'sleep 1', 'exit 0');
    const { code } = await rig.run([...own, 'thread']);
    expect(code).toBe(1);
    expect(codesOf(componentOf(rig.report(), 'thread'))).toEqual(['leaked-process']);
    expect(processesWith(respawner, rig.dir)).toEqual([]);
  });

  test.runIf(isThorough && isRoot && FREEZER !== undefined && isTried)(
    'what is frozen is waited for within a bound, told once, and nobody else is blamed',
    { timeout: 300_000 },
    async () => {
      await using rig = await Rig.create();
      const [frozen, other] = [rig.command(), rig.command()];
      const port = await rig.freePort();
      const server = { run: 'exec sleep 600', port, ready: { log: 'never' } };
      rig.config({
        components: {
          left: { kind: 'command', run: `${argvOf(frozen).join(' ')} &\n${other.line}` },
          next: { kind: 'http', server, client: 'true' },
          last: { kind: 'command', run: 'echo done' },
        },
      });
      await using freezer = new Freezer(rig.dir);
      const run = rig.start([...own, '--keep-going']);
      const [behind, leading] = [await frozen.invocation(), await other.invocation()];
      await behind.listen(port);
      freezer.freeze(behind.pid);
      await leading.exit(0);
      const { code, stdout } = await run.exit();
      expect(code).toBe(1);
      const left = componentOf(rig.report(), 'left');
      expect(codesOf(left)).toEqual(['leaked-process']);
      expect(findingOf(left, 'leaked-process')).toMatchObject({ count: 1, processes: [{ pid: behind.pid }] });
      expect(stdout).toContain('could not be stopped, because the kernel does not let it go');
      expect(stdout).not.toContain('were stopped');
      const next = componentOf(rig.report(), 'next');
      expect([next.verdict, ...codesOf(next)]).toEqual(['inconclusive', 'port-blocked']);
      expect(findingOf(next, 'port-blocked')).toMatchObject({ port, holder: { pid: behind.pid } });
      expect(next.findings[0]?.message).toMatch(/which left left and which could not be stopped$/);
      expect(componentOf(rig.report(), 'last').verdict).toBe('passed');
      expect(rig.report().notes).toEqual([]);
      freezer.thaw();
      await behind.gone;
    },
  );

  test.runIf(isRoot && tier === 'pid-namespace')(
    'what an attempt mounts is gone for the next one, and was never there for us',
    async () => {
      await using rig = await Rig.create();
      mkdirSync(join(rig.dir, 'place'));
      rig.write('place/mine', '');
      const mount = 'mount -t tmpfs none place && test ! -e place/mine';
      rig.config({
        components: {
          first: { kind: 'command', run: mount },
          second: { kind: 'command', run: `test -e place/mine && ${mount}` },
          third: { kind: 'command', run: 'test -e place/mine' },
        },
      });
      const { code, stdout } = await rig.run([...own, '--repeat', '2']);
      expect([code, stdout]).toEqual([0, expect.any(String)]);
      expect(rig.exists('place/mine')).toBe(true);
    },
  );

  test.runIf(promises(tier, 'unmarked-when-killed'))(
    'what no mark gives away ends also when Shakedown is killed',
    async () => {
      await using rig = await Rig.create();
      const [left, last] = [rig.command(), rig.command()];
      rig.config({ components: { thread: { kind: 'command', run: `${vanishing(left)}\n${last.line}` } } });
      const run = rig.start(own);
      const [behind, running] = [await left.invocation(), await last.invocation()];
      run.kill('SIGKILL');
      await Promise.all([behind.gone, running.gone]);
      await expect.poll(() => rig.alive(), { timeout: 20_000 }).toEqual([]);
      expect((await rig.run(['sweep'])).stdout).toContain('nothing was left by earlier runs');
    },
  );

  test.runIf(promises(tier, 'watchdog-killed'))(
    'all ends also when the watchdog is killed with it',
    async () => {
      await using rig = await Rig.create();
      const thread = rig.command();
      rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
      const run = rig.start(own);
      const running = await thread.invocation();
      run.kill('SIGSTOP');
      for (const pid of processesWith('shakedown-watchdog', rig.dir)) process.kill(pid, 'SIGKILL');
      run.kill('SIGKILL');
      await running.gone;
    },
  );

  test.runIf(hasOwnWay)('a watchdog that is killed is replaced, and does its work', async () => {
    await using rig = await Rig.create();
    const thread = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
    const run = rig.start(own);
    const running = await thread.invocation();
    const [first = 0] = processesWith('shakedown-watchdog', rig.dir);
    process.kill(first, 'SIGKILL');
    await expect
      .poll(() => processesWith('shakedown-watchdog', rig.dir).filter((pid) => pid !== first))
      .toHaveLength(1);
    run.kill('SIGKILL');
    await running.gone;
  });

  test.runIf(isThorough && isTried)('several attempts at a time are held apart', async () => {
    await using rig = await Rig.create();
    const commands = Array.from({ length: 3 }, () => rig.command());
    const component = (line: string) => ({ kind: 'command', run: `echo $$ >> pids; ${line}` });
    rig.config({ components: Object.fromEntries(commands.map(({ id, line }) => [id, component(line)])) });
    const run = rig.start([...own, '--jobs', '3']);
    const running = await Promise.all(commands.map((command) => command.invocation()));
    // Programs name files in /tmp by their pid.
    expect(new Set(rig.read('pids').trim().split('\n')).size).toBe(3);
    const [one, ...others] = running;
    await one?.exit(0);
    await run.output(/✓ c0 /);
    expect(rig.alive().sort()).toEqual(others.map(({ pid }) => pid).sort());
    for (const other of others) await other.exit(0);
    expect((await run.exit()).code).toBe(0);
  });
});

/** The control group that this very test is in, version 2. */
function ownControlGroup(): string {
  const mount = /^(?:\S+ ){4}(\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1];
  const path = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  if (mount === undefined || path === undefined) throw new Error('cgroup version 2 is not mounted');
  return join(mount, path);
}

/** The program as an ordinary user would have it: in a place that everybody can read. */
describe.runIf(isRoot)('for an ordinary user', () => {
  const NOBODY = 65_534;
  /** Nobody else on the machine sleeps for just as long. */
  const SLEEP = `600.${process.pid}`;
  let place = '';
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'shakedown-nobody-'));
    chmodSync(place, 0o755);
    const root = join(CLI, '../..');
    for (const name of ['dist', 'package.json'])
      cpSync(join(root, name), join(place, name), { recursive: true });
    mkdirSync(join(place, 'node_modules'));
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const wanted = [...Object.keys(manifest.dependencies), 'koffi', '@koromix'];
    for (const name of wanted)
      cpSync(join(root, 'node_modules', name), join(place, 'node_modules', name), { recursive: true });
    cpSync(process.execPath, join(place, 'node'));
    const folder = join(place, 'project/integration');
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'thread'),
      `#!/bin/sh\nsetsid sleep ${SLEEP} >/dev/null 2>&1 &\nid -u; echo pid $$\n`,
      {
        mode: 0o755,
      },
    );
    execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, join(place, 'project')]);
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  const asNobody = (
    args: readonly string[],
    within: readonly string[] = [],
  ): { status: number; output: string } => {
    const user = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
    const argv = [...within, 'setpriv', ...user, join(place, 'node'), join(place, 'dist/cli.js'), ...args];
    try {
      const output = execFileSync('env', argv, {
        cwd: join(place, 'project'),
        encoding: 'utf8',
        env: { PATH: process.env.PATH, NO_COLOR: '1' },
      });
      return { status: 0, output };
    } catch (error) {
      const failed = error as { status: number; stdout: string; stderr: string };
      return { status: failed.status, output: failed.stdout + failed.stderr };
    }
  };

  const log = (): string => readFileSync(join(place, 'project/.shakedown/latest/logs/thread.log'), 'utf8');

  function expectEnded(tier: string, { status, output }: { status: number; output: string }): void {
    expect([tier, status, output]).toEqual([tier, 1, expect.stringContaining(`ownership: ${tier}`)]);
    expect(output).toContain(`thread has ended and left 1 process behind: sleep ${SLEEP}`);
    expect(log()).toContain(String(NOBODY));
    expect(processesWith('sleep', SLEEP)).toEqual([]);
  }

  test('the PID namespace is used only when it is asked for', () => {
    const { ownership } = JSON.parse(asNobody(['doctor', '--json']).output);
    expect(ownership.tier).not.toBe('pid-namespace');
    const namespace = ownership.tiers.find(({ tier }: { tier: string }) => tier === 'pid-namespace');
    expect(namespace.reason).toMatch(/sudo|not permitted|Operation not permitted/);
  });

  test('each tier that is permitted ends what is left behind', () => {
    const { ownership } = JSON.parse(asNobody(['doctor', '--json']).output) as {
      ownership: { tiers: { tier: TierChoice; permitted: boolean }[] };
    };
    for (const { tier } of ownership.tiers.filter(({ permitted }) => permitted))
      expectEnded(tier, asNobody(['--ownership', tier, 'thread']));
    // Not in the first hundreds, which those of all namespaces would be.
    expect(log()).toMatch(/pid \d{3,}/);
  });

  test.runIf(
    isThorough && permitsNetworks(AS_USER, ['setpriv', '--reuid', String(NOBODY), '--clear-groups']),
  )('a client that insists on a port is proved in a network of its own, as the same user', () => {
    // Not one of those that the kernel hands out by itself.
    const port = 9000 + (process.pid % 900);
    const folder = join(place, 'project/insisting');
    mkdirSync(folder, { recursive: true });
    const server = `import { createServer } from 'node:http';
createServer((_, answer) => answer.end('ok')).listen(${port}, '127.0.0.1');`;
    const client = `if (process.getuid() !== ${NOBODY}) throw new Error('another user');
fetch('http://127.0.0.1:${port}/').then((answer) => process.exit(answer.ok ? 0 : 1));`;
    for (const [name, script] of Object.entries({ http: server, client }))
      writeFileSync(join(folder, name), `#!${join(place, 'node')}\n${script}`, { mode: 0o755 });
    execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, folder]);
    const { ownership } = JSON.parse(asNobody(['doctor', '--json']).output) as {
      ownership: { tiers: { tier: TierChoice; permitted: boolean }[] };
    };
    for (const { tier } of ownership.tiers.filter(({ permitted }) => permitted)) {
      const words = ['prove', '--dir', 'insisting', '--port', String(port), '--fault', 'status-500'];
      const { status, output } = asNobody([...words, '--fresh', '--ownership', tier]);
      expect([tier, status, output]).toEqual([tier, 0, expect.stringMatching(/status-500 +✓ proved/)]);
    }
  });

  test('what has become another user is told apart, keeps nobody waiting, and is nobody else’s fault', () => {
    const sudo = join(place, 'sudo');
    cpSync(execFileSync('sh', ['-c', 'command -v setpriv'], { encoding: 'utf8' }).trim(), sudo);
    chmodSync(sudo, 0o4755);
    const config = join(place, 'project/sudo.json');
    const run = `${sudo} --reuid 0 --clear-groups sleep ${SLEEP} >/dev/null 2>&1 & other=$!; sleep ${SLEEP} & until [ "$(cat /proc/$other/comm)" = sleep ]; do :; done`;
    const components = { left: { kind: 'command', run }, next: { kind: 'command', run: 'echo done' } };
    writeFileSync(config, JSON.stringify({ components }));
    for (const tier of inTurn(['finders', 'subreaper'])) {
      const { status, output } = asNobody(['--config', config, '--keep-going', '--ownership', tier]);
      expect([tier, status, output]).toEqual([tier, 1, expect.stringMatching(/1 passed, 1 failed/)]);
      expect(output).toContain(`left has ended and left 1 process behind: sleep ${SLEEP}`);
      expect(output).toContain(
        `left left 1 process that could not be stopped, because it runs as another user: sleep ${SLEEP}`,
      );
      const still = processesWith('sleep', SLEEP);
      expect(still).toHaveLength(1);
      for (const pid of still) process.kill(pid, 'SIGKILL');
    }
  });

  describe.runIf(hasPython).each(['finders', 'subreaper'])(
    'in the tier %s, a daemon that nobody may look into',
    (tier) => {
      // Not the shell in which these words stand as well.
      const daemon = (): number[] =>
        processesWith('undumpable.py', SLEEP).filter((pid) =>
          sight({ pid, startTicks: 0 }).command.startsWith('python3'),
        );
      const configOf = (line: string): string => {
        cpSync(join(import.meta.dirname, '../rig/undumpable.py'), join(place, 'undumpable.py'));
        const config = join(place, 'project/undumpable.json');
        const run = `env -i /usr/bin/env python3 ${place}/undumpable.py ${SLEEP}; ${line}`;
        writeFileSync(config, JSON.stringify({ components: { left: { kind: 'command', run } } }));
        return config;
      };

      test('is named and ended', () => {
        const { status, output } = asNobody(['--config', configOf('exit 0'), '--ownership', tier]);
        expect([status, output]).toEqual([
          1,
          expect.stringContaining('left has ended and left 1 process behind'),
        ]);
        expect(output).toContain('undumpable.py');
        expect(daemon()).toEqual([]);
      });

      test.runIf(tier === 'finders')(
        'is named and ended by the inner of two runs, which knows it by a mark of its own',
        () => {
          const inner = configOf('exit 0');
          const outer = join(place, 'project/outer.json');
          const words = [
            join(place, 'node'),
            join(place, 'dist/cli.js'),
            '--config',
            inner,
            '--ownership',
            tier,
          ];
          const run = `${words.join(' ')} > inner.txt 2>&1; cat inner.txt; exit 3`;
          writeFileSync(outer, JSON.stringify({ components: { nest: { kind: 'command', run } } }));
          const { output } = asNobody(['--config', outer, '--ownership', tier]);
          expect(output).toContain('nest exited with code 3');
          expect(output).not.toContain('nest has ended and left');
          const told = readFileSync(join(place, 'project/inner.txt'), 'utf8');
          expect(told).toContain('left has ended and left 1 process behind');
          expect(daemon()).toEqual([]);
        },
      );

      test('ends also when Shakedown is killed', async () => {
        const config = configOf('sleep 600');
        const user = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
        const program = [
          join(place, 'node'),
          join(place, 'dist/cli.js'),
          '--config',
          config,
          '--ownership',
          tier,
        ];
        const run = spawn('setpriv', [...user, ...program], {
          ...{ cwd: join(place, 'project'), stdio: 'ignore', env: { PATH: process.env.PATH } },
        });
        try {
          // Whoever it has forked from on its way is gone.
          const isThere = (): boolean => {
            const [pid = 0, ...others] = daemon();
            if (others.length > 0 || readProcess(pid) === undefined) return false;
            // The files of one that is not dumpable belong to root.
            return statSync(`/proc/${pid}/environ`).uid === 0;
          };
          await expect.poll(isThere, { timeout: 20_000 }).toBe(true);
        } finally {
          run.kill('SIGKILL');
        }
        await expect.poll(daemon, { timeout: 20_000 }).toEqual([]);
      });
    },
  );

  test.runIf(permitted.includes('cgroup'))('a control group that was delegated is used', () => {
    const group = join(ownControlGroup(), `shakedown-test-${process.pid}`);
    mkdirSync(group);
    try {
      execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, group]);
      const move = ['sh', '-c', 'echo $$ >"$0/cgroup.procs"; exec "$@"', group];
      const { ownership } = JSON.parse(asNobody(['doctor', '--json'], move).output);
      expect(ownership.tier).toBe('cgroup');
      expectEnded('cgroup', asNobody(['thread'], move));
      // Its own group is gone as well: nothing is in the way.
      expect(readdirSync(group).filter((name) => name.startsWith('shakedown'))).toEqual([]);
    } finally {
      rmdirSync(group);
    }
  });
});
