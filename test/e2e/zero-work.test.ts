import { expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';

test('a test script that finds nothing to run is red, also where `shakedown new` wrote the component', async () => {
  await using rig = await Rig.create();
  // It looks where there is nothing, as after a folder was moved.
  rig.write('package.json', JSON.stringify({ name: 'x', scripts: { test: 'node --test' } }));
  // It is run once before it is written, and the config is written all the same.
  expect((await rig.run(['new'])).code).toBe(1);
  const { code, stdout } = await rig.run([]);
  expect(stdout).toMatch(/FAILED[\s\S]*test ran no test: (?:#|ℹ) tests 0/);
  expect(code).toBe(1);
});
