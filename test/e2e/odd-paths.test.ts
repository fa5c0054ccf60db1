/** A project may be in a folder of any name. */
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Clock } from '../../src/core/clock.ts';
import { tryTiers } from '../../src/process/ownership/tiers/choose.ts';
import { DisposableRun, processesWith } from '../rig/processes.ts';
import { CLI, type FakeCommand, Rig } from '../rig/rig.ts';
import { argvOf } from '../rig/services.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

const permitted = (await tryTiers(new Clock())).filter((report) => report.permitted).map(({ tier }) => tier);
const ODD = `it's "quoted" back\\slash\nnew line [x] {a,b} $HOME * %41`;

/** Known by its open file alone. */
const leaseOnly = (command: FakeCommand): string =>
  `( ( setsid env -i ${argvOf(command).join(' ')} >/dev/null 2>&1 </dev/null & ) & )`;

function oddProject(rig: Rig, suite: object): string {
  const project = join(rig.dir, ODD);
  mkdirSync(project);
  rig.config(suite);
  copyFileSync(join(rig.dir, 'shakedown.config.json'), join(project, 'shakedown.config.json'));
  return project;
}

const start = (project: string, ...args: string[]): DisposableRun =>
  new DisposableRun([], project, process.env, [process.execPath, CLI, ...args]);

describe.each(inTurn(permitted, 2))('in a folder with all that a path can hold, in the tier %s', (tier) => {
  test('a setup step with inputs, a service and what is left behind', async () => {
    await using rig = await Rig.create();
    const [server, client, left] = [rig.command(), rig.command(), rig.command()];
    const port = await rig.freePort();
    const project = oddProject(rig, {
      setup: [{ name: 's', run: 'echo A=1 > "$SHAKEDOWN_ENV"', inputs: ['src', '*.txt'] }],
      components: {
        http: {
          kind: 'http',
          server: { run: server.line, port },
          client: `${leaseOnly(left)}\n${client.line}`,
        },
      },
    });
    rig.write(`${ODD}/src/deep/a`, '1');
    rig.write(`${ODD}/b.txt`, '1');
    await using run = start(project, '--ownership', tier);
    await (await server.invocation()).listen(port);
    const caller = await client.invocation();
    const behind = await left.invocation();
    expect([caller.env.A, caller.cwd]).toEqual(['1', project]);
    await caller.exit(0);
    const { code, stdout } = await run.exit();
    expect(stdout).toContain('left 1 process behind');
    expect(code).toBe(1);
    await behind.gone;
    expect(rig.alive()).toEqual([]);
    expect(run.journal().at(-1)?.type).toBe('run-finished');
  });
});

test.runIf(isThorough)(
  'in such a folder, Shakedown is killed: nothing is left, nor when its watchdog is killed too and `sweep` is called',
  async () => {
    await using rig = await Rig.create();
    const [thread, left] = [rig.command(), rig.command()];
    const project = oddProject(rig, {
      components: { thread: { kind: 'command', run: `${leaseOnly(left)}\n${thread.line}` } },
    });
    {
      await using run = start(project, '--ownership', 'finders');
      const [one, other] = await Promise.all([thread.invocation(), left.invocation()]);
      run.kill('SIGKILL');
      await Promise.all([one.gone, other.gone]);
      await expect.poll(() => processesWith('shakedown-watchdog', rig.dir), { timeout: 20_000 }).toEqual([]);
      await expect.poll(() => processesWith('reaper.js', rig.dir), { timeout: 20_000 }).toEqual([]);
    }
    await using run = start(project, '--ownership', 'finders');
    const [one, other] = await Promise.all([thread.invocation(), left.invocation()]);
    // Stopped, it cannot set another watchdog.
    run.kill('SIGSTOP');
    for (const pid of processesWith('shakedown-watchdog', rig.dir)) process.kill(pid, 'SIGKILL');
    await expect.poll(() => processesWith('shakedown-watchdog', rig.dir)).toEqual([]);
    run.kill('SIGKILL');
    await run.exit();
    expect(rig.alive().sort()).toEqual([one.pid, other.pid].sort());
    await using sweep = start(project, 'sweep');
    expect((await sweep.exit()).stdout).toContain('2 processes of killed runs stopped');
    expect(rig.alive()).toEqual([]);
    expect(readdirSync(join(project, '.shakedown/runs'))).toHaveLength(2);
  },
);
