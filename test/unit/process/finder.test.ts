/** The finder against real processes. Each would end by itself after half a minute; the test ends it before. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProcessFinder } from '../../../src/process/ownership/finder.ts';
import { hasProcessTable, isAlive, type ProcessId, readProcess } from '../../../src/process/system/proc.ts';

const hasBash = spawnSync('bash', ['-c', 'true']).status === 0;

const COOKIE = 'SHAKEDOWN_TRIAL_COOKIE';

let dir: string;
let children: ChildProcess[];
let born: ProcessId[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'finder-'));
  children = [];
  born = [];
});

afterEach(async () => {
  for (const id of born) if (isAlive(id)) process.kill(id.pid, 'SIGKILL');
  for (const child of children)
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  rmSync(dir, { recursive: true });
});

const identify = (pid: number): ProcessId => {
  const id = { pid, startTicks: readProcess(pid)?.startTicks ?? 0 };
  born.push(id);
  return id;
};

async function start(args: readonly [string, ...string[]], options: SpawnOptions = {}): Promise<ProcessId> {
  const [program, ...rest] = args;
  const child = spawn(program, rest, { stdio: 'ignore', ...options });
  children.push(child);
  await once(child, 'spawn');
  return identify(child.pid ?? 0);
}

const sleeper = (options: SpawnOptions = {}): Promise<ProcessId> => start(['sleep', '30'], options);

/** A shell that starts others and prints their pids, one a line. */
async function family(
  script: string,
  count: number,
  options: SpawnOptions = {},
  shell = 'sh',
): Promise<{ parent: ProcessId; others: ProcessId[] }> {
  const child = spawn(shell, ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'], ...options });
  children.push(child);
  await once(child, 'spawn');
  const parent = identify(child.pid ?? 0);
  let printed = '';
  for await (const chunk of child.stdout ?? []) {
    printed += chunk;
    if (printed.split('\n').length > count) break;
  }
  return { parent, others: printed.trim().split('\n').map(Number).map(identify) };
}

const withCookie = (value: string): SpawnOptions => ({ env: { ...process.env, [COOKIE]: value } });

const finder = (over: { cookie?: string; lease?: string } = {}): ProcessFinder =>
  new ProcessFinder({ cookie: `${COOKIE}=mine`, lease: join(dir, 'lease'), ...over });

const pids = (of: ProcessFinder): number[] =>
  of
    .scan()
    .map(({ pid }) => pid)
    .sort((a, b) => a - b);
const sorted = (...ids: ProcessId[]): number[] => ids.map(({ pid }) => pid).sort((a, b) => a - b);

describe.runIf(hasProcessTable)('the finder', () => {
  test('finds by the cookie, and takes no other value of it', async () => {
    const mine = await sleeper(withCookie('mine'));
    await sleeper(withCookie('mine-too'));
    await sleeper(withCookie('min'));
    await sleeper();
    expect(pids(finder())).toEqual([mine.pid]);
  });

  test('finds every value of a cookie when only its name is given', async () => {
    const one = await sleeper(withCookie('one'));
    const two = await sleeper(withCookie('two'));
    expect(pids(finder({ cookie: `${COOKIE}=` }))).toEqual(sorted(one, two));
  });

  test('finds by an open file, whatever has become of the environment', async () => {
    const lease = join(dir, 'lease');
    const fd = openSync(lease, 'w');
    const mine = await sleeper({ stdio: ['ignore', 'ignore', 'ignore', fd], env: {} });
    closeSync(fd);
    await sleeper({ env: {} });
    expect(pids(finder({ lease }))).toEqual([mine.pid]);
  });

  test('finds by a folder of such files, and not by one whose name begins alike', async () => {
    const held = async (path: string): Promise<ProcessId> => {
      const fd = openSync(path, 'w');
      const id = await sleeper({ stdio: ['ignore', 'ignore', 'ignore', fd], env: {} });
      closeSync(fd);
      return id;
    };
    mkdirSync(join(dir, 'leases'));
    mkdirSync(join(dir, 'leases-of-others'));
    const one = await held(join(dir, 'leases', '1'));
    const two = await held(join(dir, 'leases', '2'));
    await held(join(dir, 'leases-of-others', '1'));
    const ten = await held(join(dir, 'leases', '10'));
    expect(pids(finder({ lease: `${join(dir, 'leases')}/` }))).toEqual(sorted(one, two, ten));
    expect(pids(finder({ lease: join(dir, 'leases', '1') }))).toEqual([one.pid]);
  });

  test('finds nothing where nothing is marked, this process least of all', async () => {
    await sleeper();
    expect(pids(finder())).toEqual([]);
    const lease = join(dir, 'lease');
    const fd = openSync(lease, 'w');
    try {
      expect(pids(finder({ lease }))).toEqual([]);
    } finally {
      closeSync(fd);
    }
  });

  test('keeps what it has adopted, and what that starts', async () => {
    const { parent, others } = await family('sleep 30 & echo $!; exec sleep 30', 1);
    await sleeper();
    const mine = finder();
    mine.adopt({ ...parent, leadsGroup: false });
    expect(pids(mine)).toEqual(sorted(parent, ...others));
    expect(mine.knownAlive()).toBe(true);
  });

  test('does not lose a child whose parent has ended', async () => {
    const { parent, others } = await family('sleep 30 & echo $!; exec sleep 30', 1);
    const mine = finder();
    mine.adopt({ ...parent, leadsGroup: false });
    mine.scan();
    process.kill(parent.pid, 'SIGKILL');
    await once(children[0] as ChildProcess, 'exit');
    expect(pids(mine)).toEqual(sorted(...others));
    expect(mine.knownAlive()).toBe(true);
  });

  test('remembers from a glance whoever has come since the last one', async () => {
    const script = 'read -r _; env -i setsid sleep 30 & echo $!; read -r _';
    const parent = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    children.push(parent);
    await once(parent, 'spawn');
    const mine = finder();
    mine.adopt({ ...identify(parent.pid ?? 0), leadsGroup: false });
    mine.glance();
    parent.stdin.write('start it\n');
    const [line] = await once(parent.stdout, 'data');
    const child = identify(Number(line));
    const other = await sleeper({ detached: true });
    mine.glance();
    parent.stdin.end('end\n');
    await once(parent, 'exit');
    // It has left parent, session and group, and bears no mark.
    while (readProcess(child.pid)?.session !== child.pid) await setImmediate();
    expect(pids(mine)).toEqual([child.pid]);
    expect(isAlive(other)).toBe(true);
  });

  test('finds an orphan that it has never seen by the group of its parent', async () => {
    const child = await family('sleep 30 & echo $!', 1, { detached: true });
    const [shell] = children;
    if (shell?.exitCode === null) await once(shell, 'exit');
    const mine = finder();
    mine.adopt({ ...child.parent, leadsGroup: true });
    expect(pids(mine)).toEqual(sorted(...child.others));
  });

  test.runIf(hasBash)('finds an orphan by its group alone', async () => {
    // With job control every job is a group of its own, in the session of this test.
    const leader = 'sleep 30 & echo $$; echo $!';
    const { others } = await family(`set -m; sh -c '${leader}' & wait; exec sleep 30`, 2, {}, 'bash');
    const [gone, orphan] = others as [ProcessId, ProcessId];
    while (isAlive(gone)) await setImmediate();
    const mine = finder();
    mine.adopt({ pid: gone.pid, startTicks: orphan.startTicks, leadsGroup: true });
    expect(pids(mine)).toEqual([orphan.pid]);
  });

  test('follows a member into a session of its own', async () => {
    const { parent, others } = await family(
      "setsid sh -c 'env -i sleep 30 & echo $!; echo $$; exec sleep 30' & echo $!; exec sleep 30",
      3,
    );
    const mine = finder();
    mine.adopt({ ...parent, leadsGroup: false });
    const all = [...new Set(sorted(parent, ...others))];
    expect(pids(mine)).toEqual(all);
  });

  test('does not take a process that only has the pid of one that it knew', async () => {
    const other = await sleeper();
    const mine = finder();
    mine.adopt({ pid: other.pid, startTicks: other.startTicks - 1, leadsGroup: false });
    expect(pids(mine)).toEqual([]);
    expect(mine.knownAlive()).toBe(false);
  });

  test('adopts from an earlier run only what is still the same process', async () => {
    const other = await sleeper({ detached: true });
    const wrong = finder();
    wrong.adoptIfAlive({ pid: other.pid, startTicks: other.startTicks - 1 });
    expect(pids(wrong)).toEqual([]);
    const right = finder();
    right.adoptIfAlive(other);
    expect(pids(right)).toEqual([other.pid]);
  });

  test('adopts the group of a leader of an earlier run, and nothing of a pid that is gone', async () => {
    const { parent, others } = await family('sleep 30 & echo $!; exec sleep 30', 1, { detached: true });
    const mine = finder();
    mine.adoptIfAlive(parent);
    mine.adoptIfAlive({ pid: 4_194_305, startTicks: 1 });
    expect(pids(mine)).toEqual(sorted(parent, ...others));
  });

  test('does not look at what is older than the run', async () => {
    const mine = await sleeper(withCookie('mine'));
    const marks = { cookie: `${COOKIE}=mine`, lease: join(dir, 'lease') };
    expect(new ProcessFinder(marks, { notBefore: mine.startTicks }).scan().map(({ pid }) => pid)).toEqual([
      mine.pid,
    ]);
    expect(new ProcessFinder(marks, { notBefore: mine.startTicks + 1 }).scan()).toEqual([]);
  });

  test('takes in what is older when it is told that it belongs', async () => {
    const old = await sleeper();
    const marks = { cookie: `${COOKIE}=mine`, lease: join(dir, 'lease') };
    const mine = new ProcessFinder(marks, { notBefore: old.startTicks + 1 });
    expect(mine.scan()).toEqual([]);
    mine.adopt({ ...old, leadsGroup: false });
    expect(pids(mine)).toEqual([old.pid]);
  });

  test('knows when the last one has ended', async () => {
    const one = await sleeper();
    const two = await sleeper();
    const mine = finder();
    mine.adopt({ ...one, leadsGroup: false });
    mine.adopt({ ...two, leadsGroup: false });
    for (const [index, id] of [one, two].entries()) {
      expect(mine.knownAlive()).toBe(true);
      process.kill(id.pid, 'SIGKILL');
      await once(children[index] as ChildProcess, 'exit');
    }
    expect(mine.knownAlive()).toBe(false);
    expect(mine.scan()).toEqual([]);
  });
});
