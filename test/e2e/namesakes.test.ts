/** A component may have the name of a command: it runs where that is meant, and how is said. */
import { expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';

test('a component that has the name of a command runs after `run`, with others, and when nothing is named', async () => {
  await using rig = await Rig.create();
  const component = { kind: 'command', run: 'echo ran >> ran' };
  rig.config({ components: { load: component, list: component, other: component } });
  for (const [args, ran] of [
    [['run', 'load'], 1],
    [['other', 'load'], 2],
    [[], 3],
  ] as const) {
    rig.write('ran', '');
    const { code, stderr } = await rig.run(args);
    expect(code).toBe(0);
    expect(rig.read('ran')).toBe('ran\n'.repeat(ran));
    expect(stderr).toBe(
      [
        'note: `shakedown load` is a command of Shakedown; the component "load" runs by `shakedown run load`\n',
        'note: `shakedown list` is a command of Shakedown; the component "list" runs by `shakedown run list`\n',
      ].join(''),
    );
  }
});

test('the command alone is the command, and one that makes no sense says how the component runs', async () => {
  await using rig = await Rig.create();
  rig.config({
    components: { load: { kind: 'command', run: 'true' }, list: { kind: 'command', run: 'true' } },
  });
  expect((await rig.run(['list'])).stdout).toMatch(/list +command/);
  const { code, stderr } = await rig.run(['load']);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /missing required argument 'url'\n[\s\S]*to run the component "load": shakedown run load\n/,
  );
});
