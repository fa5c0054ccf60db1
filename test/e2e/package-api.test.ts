/** `shakedown package` beside the last release: what is gone needs another version; where there is none, that is said. */
import { expect, test } from 'vitest';
import { publish, tryPackage, writePackage } from '../rig/packages.ts';
import { Registry } from '../rig/registry.ts';
import { Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

const OLD = { 'index.js': 'exports.kept = () => 1;\nexports.gone = () => 2;\n' };
const NEW = { 'index.js': 'exports.kept = () => 1;\nexports.more = () => 3;\n' };

async function tried(rig: Rig, version: string, env: NodeJS.ProcessEnv) {
  writePackage(rig, 'changed', { version, main: './index.js' }, NEW);
  const { code } = await tryPackage(rig, ['./changed', 'api'], env).exit();
  const findings = rig.report().components.find(({ name }) => name === 'api')?.findings ?? [];
  return { code, findings };
}

test('what is gone since the last release needs the version that is named; with that it is sound', async () => {
  await using rig = await Rig.create();
  const published = publish(rig, 'changed', { version: '1.0.0', main: './index.js' }, OLD);
  await using registry = await Registry.start([published]);
  const env = { npm_config_registry: registry.url };

  const patch = await tried(rig, '1.0.1', env);
  expect(patch.code).toBe(1);
  expect(patch.findings).toMatchObject([
    {
      code: 'breaking-change',
      since: '1.0.0',
      right: '2.0.0',
      changes: ['"gone" of import "changed" is gone'],
      hurts: { who: 'some' },
    },
    { code: 'added-in-patch', right: '1.1.0', changes: ['"more" of import "changed" is new'] },
    { code: 'since-release' },
  ]);

  const major = await tried(rig, '2.0.0', env);
  expect(major.code).toBe(0);
  expect(major.findings.map(({ code }) => code)).toEqual(['since-release']);

  // The same version with other content.
  if (isThorough)
    expect((await tried(rig, '1.0.0', env)).findings[0]).toMatchObject({
      code: 'breaking-change',
      since: '1.0.0',
    });
  // No registry at all.
  const alone = await tried(rig, '1.0.0', {});
  expect(alone.code).toBe(3);
  expect(alone.findings).toMatchObject([{ code: 'not-compared', consequence: 'inconclusive' }]);
});
