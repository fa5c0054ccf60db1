import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  environmentOf,
  hasProcessTable,
  isAlive,
  openFiles,
  parseStat,
  processTable,
  readProcess,
  sight,
} from '../../../src/process/system/proc.ts';
import fc from '../../rig/fast-check.ts';

/** As /proc/PID/stat is: 52 fields, of which the second is a name in parentheses. */
const STAT =
  '1042 (node) S 1 1042 1040 34816 1042 4194304 9138 0 12 0 31 9 0 0 20 0 11 0 382915 1073741824 13107 18446744073709551615 4194304 30392689 140731941280352 0 0 0 0 16781312 134235650 0 0 0 17 1 0 0 0 0 0 48271360 48383240 71315456 140731941287010 140731941287015 140731941287015 140731941289963 0\n';

describe('parseStat', () => {
  test('reads what the kernel writes', () => {
    expect(parseStat(1042, STAT)).toEqual({
      pid: 1042,
      state: 'S',
      parent: 1,
      group: 1042,
      session: 1040,
      startTicks: 382_915,
    });
  });

  test.each(['a b', 'tmux: server', ') S 1 2 3 (', '((', '))', 'new\nline', ' ', '', ')', '\u00e4\u00ff'])(
    'takes the name %j for a name',
    (name) => {
      expect(parseStat(1042, STAT.replace('(node)', `(${name})`))).toEqual(parseStat(1042, STAT));
    },
  );

  test('whatever the name, the numbers are those after it', () => {
    const small = fc.nat({ max: 4_194_304 });
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab()\n\t 0123SRZ'), maxLength: 15 }),
        fc.constantFrom(...'RSDTZXtI'),
        fc.tuple(small, small, small, small, fc.nat()),
        (name, state, [pid, parent, group, session, startTicks]) => {
          const between = [34816, -1, 4194304, 9, 0, 12, 0, 31, 9, 0, 0, 20, 0, 11, 0].join(' ');
          const text = `${pid} (${name}) ${state} ${parent} ${group} ${session} ${between} ${startTicks} 1073741824 13107\n`;
          expect(parseStat(pid, text)).toEqual({ pid, state, parent, group, session, startTicks });
        },
      ),
    );
  });

  test.each(['', '1042', '1042 (node', '1042 (node)', '1042 (node) S 1 1042', 'no such process'])(
    'of %j makes nothing',
    (text) => {
      expect(parseStat(1042, text)).toBeUndefined();
    },
  );
});

describe.runIf(hasProcessTable)('the process table', () => {
  /** A child that would end by itself after half a minute; the test ends it before. */
  async function sleeper(program = 'sleep', env: NodeJS.ProcessEnv = {}): Promise<number> {
    const child = spawn(program, ['30'], { stdio: 'ignore', env: { ...process.env, ...env } });
    onTestFinished(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    await once(child, 'spawn');
    return child.pid ?? 0;
  }

  test('a process with a name full of traps is read as it is', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'proc-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const program = join(dir, ') Z 1 (\n x');
    symlinkSync('/bin/sleep', program);
    const pid = await sleeper(program);
    // The name is cut by the kernel, but the trap is within.
    expect(readFileSync(`/proc/${pid}/stat`, 'latin1')).toContain('() Z 1 (\n x)');
    const info = readProcess(pid);
    expect(info).toMatchObject({ pid, parent: process.pid, group: readProcess(process.pid)?.group });
    expect(info?.state).toMatch(/[RSD]/);
    expect(processTable()).toContainEqual(expect.objectContaining({ pid, startTicks: info?.startTicks }));
  });

  test('this process lives, and another one under its pid would be told apart', () => {
    const { pid, startTicks } = readProcess(process.pid) ?? { pid: 0, startTicks: 0 };
    expect(isAlive({ pid, startTicks })).toBe(true);
    expect(isAlive({ pid, startTicks: startTicks + 1 })).toBe(false);
  });

  test('a process that has ended does not live, though nobody has asked for its status yet', async () => {
    const script = 'sleep 30 & echo $!; exec sleep 30';
    const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    const startTicks = readProcess(pid)?.startTicks ?? 0;
    expect(isAlive({ pid, startTicks })).toBe(true);
    // A shell would ask; what the shell becomes does not.
    const parent = child.pid ?? 0;
    while (readFileSync(`/proc/${parent}/comm`, 'utf8') !== 'sleep\n') await setImmediate();
    process.kill(pid, 'SIGKILL');
    while (readProcess(pid)?.state !== 'Z') await setImmediate();
    expect(isAlive({ pid, startTicks })).toBe(false);
    expect(processTable().some((info) => info.pid === pid)).toBe(false);
    expect(isAlive({ pid: child.pid ?? 0, startTicks: readProcess(child.pid ?? 0)?.startTicks ?? 0 })).toBe(
      true,
    );
  });

  test('of the environment each variable is known', async () => {
    const long = 'x'.repeat(50_000);
    const pid = await sleeper('sleep', { LONG: long, SHAKEDOWN_TRIAL: 'one-two', EMPTY: '' });
    expect(environmentOf(pid)).toEqual(
      expect.arrayContaining([`LONG=${long}`, 'SHAKEDOWN_TRIAL=one-two', 'EMPTY=']),
    );
  });

  test('of a process that is gone nothing is known', () => {
    const pid = 4_194_305;
    expect(readProcess(pid)).toBeUndefined();
    expect(openFiles(pid)).toEqual([]);
    expect(environmentOf(pid)).toEqual([]);
  });

  test('a sighting says what a person would type, and how old it is', async () => {
    const pid = await sleeper();
    const { command, ageMs } = sight({ pid, startTicks: readProcess(pid)?.startTicks ?? 0 });
    expect(command).toBe('sleep 30');
    expect(ageMs).toBeLessThan(30_000);
    const oldest = sight({ pid: process.pid, startTicks: readProcess(process.pid)?.startTicks ?? 0 });
    expect(oldest.ageMs).toBeGreaterThanOrEqual(ageMs);
    expect(oldest.command).toContain(process.argv[0]);
  });
});
