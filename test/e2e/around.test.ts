/** `before` and `after` of a component: a fresh start for each attempt, and tidying up whatever became of it. */
import { describe, expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';

const REPORT = '--report=json=report.json';
const told = (rig: Rig) => rig.report().components[0]?.findings.map(({ code, message }) => [code, message]);
const steps = (run: { journal: () => readonly { type: string }[] }) =>
  run
    .journal()
    .flatMap((event) => (event.type === 'step-finished' ? [(event as { step?: string }).step] : []));

describe('before and after', () => {
  test('each attempt and each repetition gets its own, in their order, and they are told as steps', async () => {
    await using rig = await Rig.create();
    // The second attempt of the first pass succeeds, and so does the second pass.
    const run = 'echo attempt >> seen; test "$(grep -c attempt seen)" -ge 2';
    const before = ['echo one >> seen', ['sh', '-c', 'echo two >> seen']];
    rig.config({
      components: { a: { kind: 'command', run, before, after: 'echo after >> seen', retries: 1 } },
    });
    const all = rig.start(['--repeat', '2', REPORT]);
    expect((await all.exit()).code).toBe(0);
    expect(rig.read('seen').trim().split('\n')).toEqual(
      Array.from({ length: 3 }, () => ['one', 'two', 'attempt', 'after']).flat(),
    );
    expect(steps(all)).toEqual(
      Array.from({ length: 3 }, () => ['before-1', 'before-2', 'a', 'after']).flat(),
    );
  });

  test('when one before it fails, the attempt is not made, and what follows still is', async () => {
    await using rig = await Rig.create();
    const before = ['echo no database >&2; exit 3', 'touch second'];
    rig.config({
      components: {
        a: { kind: 'command', run: 'touch ran', before, after: ['touch first-after', 'touch last'] },
      },
    });
    const { code, stdout } = await rig.run([REPORT]);
    expect(code).toBe(1);
    const message = 'before-1 (echo no database >&2; exit 3) exited with code 3: no database';
    expect(told(rig)).toEqual([['exit-code', message]]);
    expect(stdout).toContain(message);
    expect(['second', 'ran', 'first-after', 'last'].map((file) => rig.exists(file))).toEqual([
      ...[false, false],
      ...[true, true],
    ]);
  });

  test('what fails afterwards fails it, and those that follow are run all the same', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { a: { kind: 'command', run: 'true', after: ['exit 4', 'touch last'] } } });
    expect((await rig.run([REPORT])).code).toBe(1);
    expect(told(rig)).toEqual([['exit-code', 'after-1 (exit 4) exited with code 4 and printed nothing']]);
    expect(rig.exists('last')).toBe(true);
  });

  test('they run after an attempt that ran into its time limit', async () => {
    await using rig = await Rig.create();
    const a = rig.command();
    rig.config({ components: { a: { kind: 'command', run: a.line, timeout: '1s', after: 'touch tidy' } } });
    const run = rig.start([REPORT]);
    await a.invocation();
    expect((await run.exit()).code).toBe(1);
    expect(told(rig)?.map(([code]) => code)).toEqual(['timeout']);
    expect(rig.exists('tidy')).toBe(true);
    expect(rig.alive()).toEqual([]);
  });

  test('a plan tells of them, and a config says what they must be', async () => {
    await using rig = await Rig.create();
    rig.config({
      components: { a: { kind: 'command', run: 'true', before: './reset', after: [['rm', 'x y']] } },
    });
    expect((await rig.run(['plan'])).stdout).toMatch(
      / {5}run \.\/reset before\n {5}run true\n {5}run rm 'x y' afterwards\n/,
    );
    rig.config({ components: { a: { kind: 'command', run: 'true', before: { run: './reset' } } } });
    const { code, stderr } = await rig.run(['plan']);
    expect(code).toBe(2);
    expect(stderr).toContain('"before" must be a command, or a list of commands');
  });
});
