/** What is told of those that had to be killed. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import { ms } from '../../../src/core/units.ts';
import { ProcessFinder } from '../../../src/process/ownership/finder.ts';
import { terminate } from '../../../src/process/ownership/terminate.ts';
import { hasProcessTable } from '../../../src/process/system/proc.ts';

/** Blocks until a process that was killed has given up its memory, and with it its command line. */
function untilForgotten(pid: number): void {
  const commandLine = (): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  };
  while (commandLine() !== '');
}

test.runIf(hasProcessTable)(
  'the command of whoever is killed is told, though it is gone with it',
  async () => {
    const cookie = `SHAKEDOWN_TERMINATE_${crypto.randomUUID().replaceAll('-', '')}`;
    const child = spawn('sleep', ['987'], { env: { ...process.env, [cookie]: '1' }, stdio: 'ignore' });
    const kill = process.kill.bind(process);
    onTestFinished(() => {
      vi.restoreAllMocks();
      child.kill('SIGKILL');
    });
    vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
      const sent = kill(pid, signal);
      if (signal === 'SIGKILL') untilForgotten(pid);
      return sent;
    });
    const finder = new ProcessFinder({ cookie: `${cookie}=1`, lease: `/nowhere/${cookie}` });
    await vi.waitUntil(() => finder.scan().some(({ pid }) => pid === child.pid), { timeout: 60_000 });
    const { killed } = await terminate(finder, ms(0), 'thread', new Clock());
    expect(killed).toMatchObject([{ pid: child.pid, command: 'sleep 987' }]);
  },
);
