/** `shakedown package @types/…`: declarations of somebody else are tried with the package that they describe. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publish, tryPackage } from '../rig/packages.ts';
import { Registry } from '../rig/registry.ts';
import { Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

const DECLARATIONS = { 'index.d.ts': 'export declare const answer: number;\n' };

test('what is described is installed beside its declarations, in the version that these are of', async () => {
  await using rig = await Rig.create();
  const lib = (version: string) => publish(rig, 'lib', { version }, { 'index.js': 'exports.answer = 42;\n' });
  const types = (name: string) => publish(rig, name, { version: '1.2.7', types: 'index.d.ts' }, DECLARATIONS);
  await using registry = await Registry.start([
    ...[lib('1.1.0'), lib('1.2.3'), lib('1.3.0'), types('@types/lib'), types('@types/nothing')],
  ]);
  const env = { npm_config_registry: registry.url };
  // No compiler is in this registry.
  const { code, stdout } = await tryPackage(rig, ['@types/lib', 'types'], env).exit();
  expect(code, stdout).toBe(3);
  expect(rig.report()).toMatchObject({
    suite: '@types/lib@1.2.7',
    components: [{ name: 'types', findings: [{ code: 'no-compiler' }] }],
  });
  const consumers = join(rig.dir, 'cache/shakedown/consumers');
  const versions = readdirSync(consumers, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('node_modules/lib/package.json'))
    .map(
      (path) =>
        (JSON.parse(rig.read(join('cache/shakedown/consumers', path))) as { version: string }).version,
    );
  expect(versions).toEqual(['1.2.3']);

  if (!isThorough) return;
  // Nothing of that name was ever published.
  const alone = await tryPackage(rig, ['@types/nothing'], env).exit();
  expect(alone.code, alone.stdout).toBe(3);
  expect(rig.report().components.map(({ name }) => name)).toEqual(['api']);
});
