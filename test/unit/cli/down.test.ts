/** `shakedown down NAME`: what another process asks of a `shakedown up`, by way of the run's folder. */
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { down } from '../../../src/cli/up/down.ts';
import { EXPECT_SUCCESS, type Shared } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { Hold } from '../../../src/engine/hold.ts';
import { runPlan } from '../../../src/engine/run.ts';
import { planHold } from '../../../src/plan/hold.ts';
import { hasProcessTable } from '../../../src/process/system/proc.ts';
import { FakeRun } from '../../rig/fake-run.ts';
import { suite } from '../plan/suites.ts';

const task = (name: string): Shared => ({
  ...{ type: 'task', name, needs: [], fresh: false, expect: EXPECT_SUCCESS, isCached: false },
  step: {
    ...{ name, command: { type: 'shell', line: 'true' }, cwd: '/', env: {}, inputs: [] },
    ...{ outputs: [], timeout: ms(100_000), undo: null },
  },
});

/** Two that are starting, held by this very process, and `down` as another one would call it. */
async function hold(options: { readonly endsWithLast?: boolean } = {}) {
  const run = new FakeRun();
  const names = ['migrate', 'seed'];
  const plan = planHold(suite([], { root: run.root, shared: names.map(task) }), names);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  const held = new Hold(options);
  const end = runPlan(plan.value, { ...run.host, purpose: 'up' }, held.course);
  const commands = await Promise.all(
    names.map((name, index) => run.processes.started(`shared-${index + 1}-${name}/${name}`)),
  );
  const runs = join(run.root, '.shakedown/runs');
  const folder = join(runs, readdirSync(runs)[0] ?? '');
  const said: string[] = [];
  const call = async (...args: string[]) => {
    said.length = 0;
    const take = (text: unknown): boolean => said.push(String(text)) > 0;
    const spies = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation(take),
    );
    const program = { cwd: run.root, clock: run.processes.clock } as Parameters<typeof down>[2];
    const { exitCode } = await down(args, {}, program);
    for (const spy of spies) spy.mockRestore();
    return { exitCode, said: said.join('') };
  };
  const outcomes = (): Record<string, string> =>
    Object.fromEntries(run.of('shared-finished').map(({ shared, outcome }) => [shared, outcome]));
  /** Time passes on the clock of the holder. */
  const look = (): void => run.processes.time.pass(1000);
  return { run, held, end, commands, folder, call, look, outcomes };
}

const ordered = (folder: string): Promise<unknown> =>
  expect.poll(() => existsSync(join(folder, 'orders/seed'))).toBe(true);

test.runIf(hasProcessTable)('ends one alone, and returns when that has ended', async () => {
  const { held, end, commands, folder, call, look, outcomes } = await hold();
  const seed = call('seed', 'seed');
  await ordered(folder);
  look();
  expect(await seed).toEqual({ exitCode: 0, said: expect.stringMatching(/^seed down; nothing is up now$/m) });
  expect(outcomes()).toEqual({ seed: 'ended' });
  expect(readdirSync(join(folder, 'orders'))).toEqual([]);
  expect(await call('seed')).toEqual({ exitCode: 4, said: expect.stringContaining('"seed" is not up') });
  expect(await call('sed')).toEqual({
    exitCode: 2,
    said: expect.stringMatching(/"sed" is not up\n.*did you mean "seed"\? there is migrate, seed/),
  });
  commands[0]?.finish(0);
  await held.ready;
  held.end();
  await end;
  expect(existsSync(join(folder, 'orders'))).toBe(false);
  expect(await call('seed')).toEqual({ exitCode: 4, said: expect.stringContaining('nothing is up') });
});

test.runIf(hasProcessTable)('asks again when somebody has removed the folder of the run', async () => {
  const { run, held, end, commands, folder, call, look, outcomes } = await hold();
  const seed = call('seed');
  await ordered(folder);
  rmSync(join(run.root, '.shakedown'), { recursive: true, maxRetries: 10, retryDelay: 10 });
  look();
  await ordered(folder);
  look();
  expect((await seed).exitCode).toBe(0);
  expect(outcomes()).toEqual({ seed: 'ended' });
  commands[0]?.finish(0);
  await held.ready;
  held.end();
  await end;
});

test.runIf(process.getuid?.() === 0)('an order that another user has left is not obeyed', async () => {
  const { held, end, commands, folder, look, outcomes } = await hold();
  const orders = join(folder, 'orders');
  mkdirSync(orders, { mode: 0o700 });
  writeFileSync(join(orders, 'seed'), '');
  chownSync(join(orders, 'seed'), 65534, 65534);
  look();
  commands[0]?.finish(0);
  await expect.poll(outcomes).toEqual({ migrate: 'done' });
  commands[1]?.finish(0);
  await held.ready;
  expect(outcomes()).toEqual({ migrate: 'done', seed: 'done' });
  held.end();
  await end;
});
