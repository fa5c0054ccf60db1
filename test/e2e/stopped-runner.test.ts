/** Shakedown itself is stopped, by a component for instance: nothing would have a limit any more. */
import { describe, expect, test } from 'vitest';
import { hasProcessTable, readProcess } from '../../src/process/system/proc.ts';
import { processesWith } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { codesOf, componentOf, JSON_REPORT } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

/** Looks come once a second, and somebody else may have the processor meanwhile. */
const IN_TIME = { timeout: 25_000 };

describe.runIf(hasProcessTable)('a run whose Shakedown is sent SIGSTOP', () => {
  test('goes on, and comes to its end', async () => {
    await using rig = await Rig.create();
    const command = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: command.line } } });
    const run = rig.start([...JSON_REPORT]);
    const thread = await command.invocation();
    run.kill('SIGSTOP');
    await expect.poll(() => readProcess(run.pid)?.state).toBe('T');
    await expect.poll(() => readProcess(run.pid)?.state, IN_TIME).not.toBe('T');
    await thread.exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(processesWith('shakedown-heartbeat', ` ${run.pid} `)).toEqual([]);
  });

  test('has its time limits all the same', async () => {
    await using rig = await Rig.create();
    const stopper = 'kill -STOP $PPID; exec sleep 600';
    rig.config({ components: { thread: { kind: 'command', run: stopper, timeout: '1s' } } });
    const run = rig.start(['--ownership', 'finders', ...JSON_REPORT]);
    expect((await run.exit()).code).toBe(1);
    expect(codesOf(componentOf(rig.report(), 'thread'))).toEqual(['timeout']);
  });

  test.runIf(isThorough)('again and again is killed, and nothing is left', async () => {
    await using rig = await Rig.create();
    const command = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: command.line } } });
    const run = rig.start([]);
    const thread = await command.invocation();
    const timer = setInterval(() => run.kill('SIGSTOP'), 5);
    try {
      await thread.gone;
    } finally {
      clearInterval(timer);
    }
    expect((await run.exit()).signal).toBe('SIGKILL');
    await expect.poll(() => processesWith(rig.dir), IN_TIME).toEqual([]);
  });
});
