/** Somebody removes the folder of a run while it runs: `git clean -fdx` in a component does, since git ignores it. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Clock } from '../../src/core/clock.ts';
import { TIER_CHOICES } from '../../src/core/ownership.ts';
import { openTier } from '../../src/process/ownership/tiers/choose.ts';
import { hasProcessTable } from '../../src/process/system/proc.ts';
import { processesWith } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { argvOf, codesOf, componentOf, JSON_REPORT } from '../rig/services.ts';
import { inTurn } from '../rig/thorough.ts';

const tiers: string[] = [];
for (const name of TIER_CHOICES) {
  const tier = await openTier(name, new Clock());
  if (!tier.ok) continue;
  await tier.value.close();
  tiers.push(name);
}

const removeState = (rig: Rig): void => rmSync(join(rig.dir, '.shakedown'), { recursive: true });

test.runIf(hasProcessTable).for(inTurn(tiers, 3))(
  '%s: the components that follow run, and reports, logs and journal are whole',
  async (tier) => {
    await using rig = await Rig.create();
    const [clean, after] = [rig.command(), rig.command()];
    rig.config({
      components: {
        clean: { kind: 'command', run: clean.line },
        after: { kind: 'command', run: after.line },
      },
    });
    const ndjson = ['--report', 'ndjson=events.ndjson'];
    const junit = ['--report', `junit=${join(rig.dir, 'reports/junit.xml')}`];
    const run = rig.start(['--ownership', tier, ...JSON_REPORT, ...ndjson, ...junit]);
    const first = await clean.invocation();
    await first.print('before\n');
    await run.output(/ownership/);
    removeState(rig);
    for (const report of ['report.json', 'events.ndjson', 'reports'])
      rmSync(join(rig.dir, report), { recursive: true });
    await first.print('afterwards\n');
    await first.exit(0);
    const second = await after.invocation();
    await second.print('second\n');
    await second.exit(0);
    const { code, stderr } = await run.exit();
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const report = rig.report();
    expect(report.components.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['clean', 'passed'],
      ['after', 'passed'],
    ]);
    expect(rig.read('reports/junit.xml')).toContain('tests="2" failures="0"');
    expect(rig.read('events.ndjson').trim().split('\n').at(-1)).toContain('"run-finished"');
    expect(rig.read('.shakedown/latest/logs/clean.log')).toMatch(/before\nafterwards\n/);
    expect(rig.read('.shakedown/latest/logs/after.log')).toContain('second\n');
    const journal = run.journal();
    expect(journal.map(({ seq }) => seq)).toEqual([...journal.map(({ seq }) => seq)].sort((a, b) => a - b));
    expect(journal[0]?.type).toBe('run-started');
    expect(journal.at(-1)?.type).toBe('run-finished');
    expect(rig.exists('.shakedown/latest/runner.json')).toBe(false);
  },
);

test.runIf(hasProcessTable).for(inTurn(tiers, 3))(
  '%s: when Shakedown is killed afterwards, nothing is left all the same',
  async (tier) => {
    await using rig = await Rig.create();
    const [thread, left] = [rig.command(), rig.command()];
    rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
    const run = rig.start(['--ownership', tier]);
    const leader = await thread.invocation();
    removeState(rig);
    // It bears no mark but the lease, whose path is gone.
    await leader.daemon(left);
    const daemon = await left.invocation();
    run.kill('SIGKILL');
    await Promise.all([leader.gone, daemon.gone]);
    await expect.poll(() => processesWith(rig.dir), { timeout: 20_000 }).toEqual([]);
    expect(rig.alive()).toEqual([]);
  },
);

test.runIf(hasProcessTable)(
  'a leader that gives up all marks is known to the watchdog by its journal, wherever that was',
  async () => {
    await using rig = await Rig.create();
    const thread = rig.command();
    const bare = ['bash', '-c', 'exec 19>&-; exec env -i "$@"', 'bare', ...argvOf(thread)];
    rig.config({ components: { thread: { kind: 'command', run: bare, timeout: '10m' } } });
    const run = rig.start(['--ownership', 'finders']);
    const leader = await thread.invocation();
    removeState(rig);
    run.kill('SIGKILL');
    await leader.gone;
    expect(rig.alive()).toEqual([]);
  },
);

test.runIf(hasProcessTable)(
  'a command that is gone with its whole project: nothing is put back',
  async () => {
    await using rig = await Rig.create();
    const thread = rig.command();
    rig.write(
      'project/shakedown.config.json',
      JSON.stringify({ components: { thread: { kind: 'command', run: thread.line } } }),
    );
    const run = rig.start(['--config', 'project/shakedown.config.json', ...JSON_REPORT]);
    const leader = await thread.invocation();
    rmSync(join(rig.dir, 'project'), { recursive: true });
    await leader.exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(codesOf(componentOf(rig.report(), 'thread'))).toEqual([]);
    expect(existsSync(join(rig.dir, 'project'))).toBe(false);
  },
);

test.each([
  ['a file', 'rm -rf .shakedown; touch .shakedown'],
  ['a link', 'rm -rf .shakedown/runs; ln -s /etc .shakedown/runs'],
  ['what others may write to', 'rm -rf .shakedown; mkdir .shakedown; chmod 777 .shakedown'],
])('%s in its place: what follows is inconclusive, and told why', async (_, line) => {
  await using rig = await Rig.create();
  rig.config({
    components: {
      replace: { kind: 'command', run: line },
      after: { kind: 'command', run: 'true' },
    },
  });
  const { code, stdout, stderr } = await rig.run(['--keep-going', ...JSON_REPORT]);
  expect(code, stdout + stderr).toBe(3);
  const report = rig.report();
  expect(report.components.map(({ name, verdict }) => [name, verdict])).toEqual([
    ['replace', 'passed'],
    ['after', 'inconclusive'],
  ]);
  expect(codesOf(componentOf(report, 'after'))).toEqual(['machine-trouble', 'log-incomplete']);
  expect(stdout).toContain('is no longer what it was when the run started, and cannot be recreated');
  expect(stdout + stderr).not.toContain('bug');
});
