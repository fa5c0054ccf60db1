/** What holds services, from outside: whoever looks for it finds it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXPECT_SUCCESS, type Shared } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { Hold } from '../../../src/engine/hold.ts';
import { runPlan } from '../../../src/engine/run.ts';
import { planHold } from '../../../src/plan/hold.ts';
import { FakeRun } from '../../rig/fake-run.ts';
import { suite } from '../plan/suites.ts';

const TASK: Shared = {
  ...{ type: 'task', name: 'migrate', needs: [], fresh: false, expect: EXPECT_SUCCESS, isCached: false },
  step: {
    ...{ name: 'migrate', command: { type: 'shell', line: 'true' }, cwd: '/', env: {}, inputs: [] },
    ...{ outputs: [], timeout: ms(100_000), undo: null },
  },
};

function begin() {
  const run = new FakeRun();
  const plan = planHold(suite([], { root: run.root, shared: [TASK] }), ['migrate']);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  const hold = new Hold();
  return { run, hold, end: runPlan(plan.value, { ...run.host, purpose: 'up' }, hold.course) };
}

/** The watchdog is a real process, which may just be making a file in it: it is taken away in one step. */
function removeFolder({ root }: FakeRun): void {
  const away = mkdtempSync(join(root, 'away-'));
  renameSync(join(root, '.shakedown'), join(away, 'shakedown'));
  rmSync(away, { recursive: true });
}

test('the logs of what it holds are restored along with its folder, and go on', async () => {
  const { run, hold, end } = begin();
  const task = await run.processes.started('shared-1-migrate/migrate');
  const [folder = ''] = readdirSync(join(run.root, '.shakedown/runs'));
  const logs = join(run.root, '.shakedown/runs', folder, 'logs');
  const [log = ''] = readdirSync(logs);
  task.print('before\n');
  removeFolder(run);
  run.processes.time.pass(1000);
  task.print('after\n');
  expect(readFileSync(join(logs, log), 'utf8')).toMatch(/before\nafter\n$/);
  task.finish(0);
  await hold.ready;
  hold.end();
  expect(await end).toEqual({ verdict: 'passed', exitCode: 0 });
});

test('its folder is restored when somebody removes it, though nothing else happens', async () => {
  const { run, hold, end } = begin();
  (await run.processes.started('shared-1-migrate/migrate')).finish(0);
  await hold.ready;
  const [folder = ''] = readdirSync(join(run.root, '.shakedown/runs'));
  removeFolder(run);
  run.processes.time.pass(1000);
  for (const part of ['runner.json', 'journal.ndjson', 'purpose'])
    expect(existsSync(join(run.root, '.shakedown/runs', folder, part)), part).toBe(true);
  hold.end();
  expect(await end).toEqual({ verdict: 'passed', exitCode: 0 });
  removeFolder(run);
  run.processes.time.pass(10_000);
  expect(existsSync(join(run.root, '.shakedown'))).toBe(false);
});
