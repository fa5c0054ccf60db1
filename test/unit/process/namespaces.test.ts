/** PID namespaces of the kernel, where it permits them, and programs that stand in for those of util-linux. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import { findProgram } from '../../../src/files/find-program.ts';
import { PidNamespaceTier } from '../../../src/process/ownership/tiers/pid-namespace.ts';
import type { Enclosure } from '../../../src/process/ownership/tiers/tier.ts';
import { isKnownHelper } from '../../../src/process/system/children.ts';
import { childrenOf, isAlive, type ProcessInfo } from '../../../src/process/system/proc.ts';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const LONG = { timeout: 60_000, interval: 1 };

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'namespaces-')));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A program that is found in place of a real one. */
function standIn(name: string, lines: string): void {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\nreal=${findProgram(name, process.env.PATH) ?? ''}\n${lines}\n`);
  chmodSync(file, 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
}

async function openTier(): Promise<PidNamespaceTier> {
  const tier = await PidNamespaceTier.create(false, new Clock());
  if (!tier.ok) throw new Error(tier.error);
  return tier.value;
}

const argvIn = (enclosure: Enclosure, ...argv: [string, ...string[]]): readonly [string, ...string[]] =>
  enclosure.placeFor('x').enter(argv, folder, undefined).argv;

async function outputOf([program, ...args]: readonly [string, ...string[]]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let printed = '';
  for await (const text of child.stdout) printed += text;
  await closed;
  return printed.trim();
}

const makers = (): ProcessInfo[] =>
  childrenOf(process.pid).filter(({ pid, state }) => {
    if (state === 'Z') return false;
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('ns_last_pid');
  });

test.runIf(isRoot)(
  'a namespace outlives the shell that has made it, and the next is made by another',
  async () => {
    const tier = await openTier();
    const first = await tier.open('first');
    const [program, ...args] = argvIn(first, 'sleep', '600');
    const inside = spawn(program, args, { stdio: 'ignore' });
    const ended = once(inside, 'exit');
    const sleeper = await vi.waitUntil(() => childrenOf(inside.pid ?? 0)[0], LONG);
    const [maker] = makers();
    if (maker === undefined) throw new Error('nobody makes namespaces');
    const keepers = childrenOf(maker.pid).flatMap(({ pid }) => (isKnownHelper(pid) ? [pid] : []));
    expect(keepers).toHaveLength(1);
    // It takes no more requests, and is killed with one before it.
    process.kill(maker.pid, 'SIGSTOP');
    const second = tier.open('second');
    process.kill(maker.pid, 'SIGKILL');
    expect(await outputOf(argvIn(await second, 'echo', 'inside'))).toBe('inside');
    expect(isAlive(sleeper)).toBe(true);
    expect((await first.close()).killed).toHaveLength(1);
    // A wrapper stops along with its command, and has no owner here that resumes it.
    inside.kill('SIGCONT');
    await ended;
    await (await second).close();
    await tier.close();
    expect(keepers.map(isKnownHelper)).toEqual([false]);
    expect(makers()).toEqual([]);
  },
);

test.runIf(isRoot).each(['as it is', 'that only knows folders outside'])(
  'commands start in their folder with an nsenter %s',
  async (which) => {
    const isOld = which !== 'as it is';
    if (isOld)
      standIn('nsenter', 'case " $* " in *" --help "*) exit ;; *--wdns*) exit 99 ;; esac\nexec $real "$@"');
    const tier = await openTier();
    const enclosure = await tier.open('c');
    const entersByItself = (): boolean => argvIn(enclosure, 'pwd').some((word) => word.startsWith('--wdns='));
    expect(await outputOf(argvIn(enclosure, 'pwd'))).toBe(folder);
    const help = await outputOf(['nsenter', '--help']);
    if (!isOld && help.includes('--wdns')) await vi.waitUntil(entersByItself, LONG);
    expect(await outputOf(argvIn(enclosure, 'pwd'))).toBe(folder);
    expect(entersByItself()).toBe(!isOld && help.includes('--wdns'));
    await enclosure.close();
    await tier.close();
  },
);

test.runIf(isRoot)(
  'what unshare complains of for one is not mixed with what is told of another',
  async () => {
    standIn('unshare', 'printf "unshare: " >&2; exec $real "$@"');
    const tier = await openTier();
    const enclosures = await Promise.all(['a', 'b', 'c'].map((of) => tier.open(of)));
    for (const enclosure of enclosures) {
      expect(await outputOf(argvIn(enclosure, 'echo', 'inside'))).toBe('inside');
      await enclosure.close();
    }
    await tier.close();
  },
);

test.runIf(isRoot)('why no namespace can be made is told as unshare says it', async () => {
  standIn('unshare', 'echo "unshare: unshare failed: Operation not permitted" >&2; exit 1');
  const tier = await PidNamespaceTier.create(false, new Clock());
  expect(tier).toEqual({ ok: false, error: 'unshare: unshare failed: Operation not permitted' });
  expect(makers()).toEqual([]);
});

test.runIf(isRoot)(
  'a namespace that takes long to come up is waited for, and its orphans are nobody’s zombies',
  async () => {
    standIn('unshare', 'sleep 3; exec $real "$@"');
    const tier = await openTier();
    const enclosure = await tier.open('c');
    const line =
      '(sh -c "echo \\$\\$" &) | { read -r pid; until [ ! -e /proc/$pid ]; do :; done; echo reaped; }';
    expect(await outputOf(argvIn(enclosure, 'sh', '-c', line))).toBe('reaped');
    await enclosure.close();
    await tier.close();
  },
);

test.runIf(isRoot)('a namespace ends at once, also when the shell that waits for it is gone', async () => {
  const tier = await openTier();
  const enclosure = await tier.open('c');
  const keeper = makers().flatMap(({ pid }) => childrenOf(pid).filter((each) => isKnownHelper(each.pid)))[0];
  if (keeper === undefined) throw new Error('nobody waits');
  process.kill(keeper.pid, 'SIGKILL');
  const startedAt = performance.now();
  await enclosure.close();
  await tier.close();
  // It is waited for, for five seconds, where the kernel cannot end it.
  expect(performance.now() - startedAt).toBeLessThan(4000);
});
