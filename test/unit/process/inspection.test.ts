/** Looks at processes, and how they are held: real ones, each of which would end by itself after a minute. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { asTree } from '../../../src/core/snapshot.ts';
import { conventionOf, isGoProgram } from '../../../src/process/inspection/runtime.ts';
import { excerpt } from '../../../src/process/inspection/stacks.ts';
import { suspend } from '../../../src/process/inspection/suspend.ts';
import type { CommandOwner } from '../../../src/process/ownership/command-owner.ts';
import {
  dispositionOf,
  hasProcessTable,
  observe,
  type ProcessInfo,
  readProcess,
} from '../../../src/process/system/proc.ts';

const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
});

async function start(program: string, ...args: string[]): Promise<number> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

/** A shell that has done as it is told when this resolves, and then waits. */
async function shell(script: string): Promise<number> {
  const pid = await start('/bin/sh', '-c', `${script}\necho ready; exec sleep 60`);
  const out = children.at(-1)?.stdout;
  if (out !== null && out !== undefined) await once(out, 'data');
  return pid;
}

const infoOf = (pid: number): ProcessInfo => {
  const info = readProcess(pid);
  if (info === undefined) throw new Error(`${pid} is gone`);
  return info;
};

const stateOf = (pid: number): string => infoOf(pid).state;

/** As much of an owner as is needed to hold its processes. */
const owning = (...pids: number[]): Pick<CommandOwner, 'members' | 'stoppedWrappers'> => ({
  members: () => pids.map(infoOf),
  stoppedWrappers: () => [],
});

describe('a tree of processes', () => {
  test('has each below its parent, in the order in which they were given', () => {
    const of = (pid: number, parent: number) => ({ pid, parent });
    const tree = asTree([of(10, 1), of(20, 1), of(11, 10), of(21, 20), of(12, 10), of(111, 11)]);
    expect(tree.map(({ process: { pid }, depth }) => [pid, depth])).toEqual([
      [10, 0],
      [11, 1],
      [111, 2],
      [12, 1],
      [20, 0],
      [21, 1],
    ]);
  });

  test('may be empty', () => {
    expect(asTree([])).toEqual([]);
  });
});

describe.runIf(hasProcessTable)('a process', () => {
  test('is seen with its parent, its state and its time on the processor', async () => {
    const pid = await start('sleep', '60');
    await expect
      .poll(() => observe(infoOf(pid)))
      .toMatchObject({ pid, parent: process.pid, command: 'sleep 60', state: 'sleeping' });
    process.kill(pid, 'SIGSTOP');
    await expect.poll(() => observe(infoOf(pid)).state).toBe('stopped');
    const self = observe(infoOf(process.pid));
    expect(self.state).toBe('running');
    const { user, system } = process.cpuUsage();
    expect(self.cpuMs).toBeGreaterThan(0);
    expect(self.cpuMs).toBeLessThanOrEqual((user + system) / 1000 + 20);
  });

  test('takes signals as it was told to', async () => {
    // What is ignored stays so in the program that the shell becomes; what is caught does not.
    const pid = await shell("trap '' HUP; trap : USR1");
    await expect.poll(() => dispositionOf(pid, 'SIGUSR1')).toBe('default');
    expect(dispositionOf(pid, 'SIGHUP')).toBe('ignored');
    expect(dispositionOf(process.pid, 'SIGUSR1')).toBe('caught');
    expect(dispositionOf(2 ** 22, 'SIGHUP')).toBeUndefined();
  });

  test('puts a Ctrl-C off as a shell that waits for a program does, without any trap', async () => {
    const pid = await start('/bin/sh', '-c', 'sleep 60; true');
    await expect.poll(() => dispositionOf(pid, 'SIGINT')).toBe('deferred');
    expect(dispositionOf(pid, 'SIGTERM')).toBe('default');
  });

  test('of a runtime that is not known has no convention', async () => {
    expect(conventionOf(process.pid)).toBeUndefined();
    expect(conventionOf(await start('sleep', '60'))).toBeUndefined();
    expect(conventionOf(2 ** 22)).toBeUndefined();
  });

  test('is no Go program for being an executable, or a script, or nothing', () => {
    expect(isGoProgram(process.execPath)).toBe(false);
    expect(isGoProgram(import.meta.filename)).toBe(false);
    expect(isGoProgram('/nowhere')).toBe(false);
  });
});

describe.runIf(hasProcessTable)('what is held', () => {
  test('is stopped, and goes on when it is let go; what had been stopped before stays so', async () => {
    const [first, second, third] = [
      await start('sleep', '60'),
      await start('sleep', '60'),
      await start('sleep', '60'),
    ];
    process.kill(third, 'SIGSTOP');
    await expect.poll(() => stateOf(third)).toBe('T');
    const release = suspend([owning(first, third), owning(second)]);
    await expect.poll(() => [first, second, third].map(stateOf)).toEqual(['T', 'T', 'T']);
    release();
    await expect.poll(() => [first, second, third].map(stateOf)).toEqual(['S', 'S', 'T']);
  });

  test('is looked for until a look finds nobody new', async () => {
    const pids = [await start('sleep', '60'), await start('sleep', '60'), await start('sleep', '60')];
    let looks = 0;
    const forking = { ...owning(), members: () => pids.slice(0, ++looks).map(infoOf) };
    const release = suspend([forking]);
    expect(looks).toBe(4);
    await expect.poll(() => pids.map(stateOf)).toEqual(['T', 'T', 'T']);
    release();
  });
});

describe('of an answer', () => {
  test('of Python the threads are kept, and not what the shell says of its end', () => {
    const lines = [
      'still computing',
      'Fatal Python error: Aborted',
      '',
      'Thread 0x01 (most recent call first):',
      '  File "a.py", line 1 in f',
      '',
      'Current thread 0x02 (most recent call first):',
      '  File "a.py", line 2 in <module>',
      'Aborted (core dumped)',
      '',
      'Extension modules: numpy (total: 1)',
    ];
    expect(excerpt(lines, 'python')).toEqual([
      'Thread 0x01 (most recent call first):',
      '  File "a.py", line 1 in f',
      '',
      'Current thread 0x02 (most recent call first):',
      '  File "a.py", line 2 in <module>',
    ]);
  });

  test('of Go the goroutines that are in the program are kept', () => {
    const idle = ['goroutine 2 [force gc (idle)]:', 'runtime.gopark(0x0)', '\tproc.go:462 +0xce'];
    const own = ['goroutine 1 [chan receive]:', 'runtime.gopark(0x0)', 'main.(*T).stuck(0x1)', '\ta.go:3'];
    const lines = [
      'SIGQUIT: quit',
      '',
      'goroutine 0 [idle]:',
      'main.x()',
      '',
      ...own,
      '',
      ...idle,
      '',
      'rax 0x0',
    ];
    expect(excerpt(lines, 'go')).toEqual(own);
  });

  test('of Java the threads that run code of the program are kept', () => {
    const own = ['"main" #1 prio=5', '   java.lang.Thread.State: WAITING', '\tat Hang.main(Hang.java:1)'];
    const lines = [
      'Full thread dump OpenJDK',
      '',
      ...own,
      '',
      '"Finalizer" #3 daemon',
      '\tat java.lang.Object.wait(Native Method)',
      '',
      '"GC Thread#0" os_prio=0',
      '',
      'JNI global refs: 14',
    ];
    expect(excerpt(lines, 'java')).toEqual(own);
  });

  test('that holds no stack nothing is kept, and of a long one not all', () => {
    expect(excerpt(['Aborted', ''], 'python')).toEqual([]);
    expect(excerpt([], 'java')).toEqual([]);
    const long = ['Thread 0x01:', ...Array.from({ length: 99 }, (_, at) => `  File "a.py", line ${at} in f`)];
    const kept = excerpt(long, 'python');
    expect(kept).toHaveLength(61);
    expect(kept.at(-1)).toBe('… 40 more lines in the log');
  });
});
