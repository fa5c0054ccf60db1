/** What has failed is run again. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';

const ran = (rig: Rig): string[] => rig.report().components.map(({ name, verdict }) => `${name} ${verdict}`);

test('--failed runs what failed in the last run, and it alone, until nothing is left', async () => {
  await using rig = await Rig.create();
  const hanging = rig.command();
  const of = (name: string) => ({ kind: 'command', run: `exit \${${name}:-0}` });
  const components = { a: of('A'), b: { ...of('B'), needs: ['a'] }, c: of('C'), d: of('D') };
  rig.config({ components });
  const run = (args: readonly string[], env = {}) => rig.run(['--report', 'json=report.json', ...args], env);

  const first = await run(['--failed']);
  expect(first.code).toBe(2);
  expect(first.stderr).toMatch(
    /^shakedown: --failed: there is no earlier run of shakedown\.config\.json\n {2}run it /,
  );

  await run(['--keep-going'], { B: '1', C: '1' });
  const planned = await rig.run(['plan', '--failed']);
  expect(planned.stdout).toMatch(
    /only what had not passed by run \d{8}-\d{6}-\w+\n {2}1\. a .*\n.*\n {2}2\. b .*\n.*\n {2}3\. c /,
  );

  const again = await run(['--failed'], { B: '1' });
  expect(again.code).toBe(1);
  expect(again.stdout).toMatch(
    /\n {2}AGAIN only what had not passed by run \d{8}-\d{6}-\w+, with what that needs\n/,
  );
  // The first failure ends the run, as ever.
  expect(ran(rig)).toEqual(['a passed', 'b failed', 'c skipped']);
  expect((await run(['--failed', 'd'])).stderr).toMatch(
    /^shakedown: d is not among what had not passed by the last run \(.*\): b, c, so nothing ran\n$/,
  );

  rmSync(join(rig.dir, '.shakedown/runs'), { recursive: true });
  const { b: _, ...others } = components;
  rig.config({ components: others });
  const rest = await run(['--failed']);
  expect(rest.code).toBe(0);
  // Also below the verdict, which says nothing of it.
  expect(rest.stderr).toMatch(
    /^(note: b failed in run \d{8}-\d{6}-\w+, and shakedown\.config\.json no longer has it\n)\1$/,
  );
  expect(rest.stdout).toMatch(/\nPASSED {2}1 passed in .*\n {2}only what had not passed by run .*\n$/);
  expect(ran(rig)).toEqual(['c passed']);

  const none = await run(['--failed']);
  expect(none.code).toBe(4);
  expect(none.stderr).toMatch(
    /^note: b failed in .*\nshakedown: nothing is left of what had not passed by the last run \(.*\), so nothing ran\n$/,
  );
  await run([]);
  expect((await run(['--failed'])).stderr).toMatch(
    /^shakedown: all that has run has passed \(the last run is .*\), so nothing ran\n$/,
  );

  rig.config({ components: { ...others, e: { kind: 'command', run: hanging.line } } });
  const killed = rig.start([]);
  await hanging.invocation();
  killed.kill('SIGKILL');
  await killed.exit();
  const last = rig.start(['--failed', '--report', 'json=report.json']);
  await (await hanging.invocation()).exit(0);
  expect((await last.exit()).code).toBe(0);
  expect(ran(rig)).toEqual(['e passed']);
  const history = readFileSync(join(rig.dir, '.shakedown/history'), 'utf8').trim().split('\n');
  expect(history.map((line) => JSON.parse(line).verdict)).toEqual([
    ...['failed', 'failed', 'passed', 'passed', 'passed'],
  ]);
});

test('--failed also runs what was not reached, and carries on what a run leaves out', async () => {
  await using rig = await Rig.create();
  const of = (name: string) => ({ kind: 'command', run: `exit \${${name}:-0}` });
  rig.config({ components: { a: of('A'), b: of('B'), c: of('C') } });
  const run = (args: readonly string[], env = {}) => rig.run(['--report', 'json=report.json', ...args], env);
  await run([], { B: '1', C: '1' });
  expect(ran(rig)).toEqual(['a passed', 'b failed', 'c skipped']);
  const some = await run(['--failed', 'b']);
  expect(some.code).toBe(0);
  expect(some.stderr).toMatch(/^note: c was not reached in run \d{8}-\d{6}-\w+, and is still to be run\n$/);
  await run(['a']);
  expect((await run(['--failed'], { C: '1' })).code).toBe(1);
  expect(ran(rig)).toEqual(['c failed']);
});

test('what is flaky fails by --flaky fail, and --failed then runs it again', async () => {
  await using rig = await Rig.create();
  const run = 'test -e tried || { touch tried; exit 1; }';
  rig.config({
    components: { steady: { kind: 'command', run: 'true' }, shaky: { kind: 'command', run, retries: 1 } },
  });
  const { code, stdout } = await rig.run(['--flaky', 'fail']);
  expect(code).toBe(1);
  expect(stdout).toContain('shaky passed on attempt 2, and failed before: shaky exited with code 1');
  const again = await rig.run(['--failed', '--report', 'json=report.json']);
  expect(again.code).toBe(0);
  expect(ran(rig)).toEqual(['shaky passed']);
});
