/** `shakedown package` beside the last release: what is gone needs another version; where there is none, that is said. */
import { expect, test } from 'vitest';
import { publish, tryPackage, writePackage } from '../rig/packages.ts';
import { Registry } from '../rig/registry.ts';
import { Rig, type ShakedownRun } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

const OLD = { 'index.js': 'exports.kept = () => 1;\nexports.gone = () => 2;\n' };
const NEW = { 'index.js': 'exports.kept = () => 1;\nexports.more = () => 3;\n' };

/** Names of the steps of a run. */
const stepsOf = (run: ShakedownRun): readonly string[] =>
  run.journal().flatMap((event) => (event.type === 'step-finished' ? [event.step] : []));

async function tried(rig: Rig, version: string, env: NodeJS.ProcessEnv) {
  writePackage(rig, 'changed', { version, main: './index.js' }, NEW);
  const run = tryPackage(rig, ['./changed', 'api'], env);
  const { code } = await run.exit();
  const findings = rig.report().components.find(({ name }) => name === 'api')?.findings ?? [];
  return { code, findings, steps: stepsOf(run) };
}

test('what is gone since the last release needs the version that is named; with that it is sound', async () => {
  await using rig = await Rig.create();
  const published = publish(rig, 'changed', { version: '1.10.0', main: './index.js' }, OLD);
  // Registries list releases in any order, and there may be more than the last lines that npm says.
  const older = Array.from({ length: 100 }, (_, patch) => ({ ...published, version: `1.9.${patch}` }));
  await using registry = await Registry.start([published, ...older]);
  const env = { npm_config_registry: registry.url };

  const patch = await tried(rig, '1.10.1', env);
  expect(patch.code).toBe(1);
  expect(patch.findings).toMatchObject([
    {
      code: 'breaking-change',
      since: '1.10.0',
      right: '2.0.0',
      changes: ['"gone" of import "changed" is gone'],
      hurts: { who: 'some' },
    },
    { code: 'added-in-patch', right: '1.11.0', changes: ['"more" of import "changed" is new'] },
    { code: 'since-release' },
  ]);

  if (isThorough) {
    const major = await tried(rig, '2.0.0', env);
    expect(major.code).toBe(0);
    expect(major.findings).toMatchObject([
      { message: expect.stringContaining('1 breaking change and 1 addition, as 2.0.0 may have') },
    ]);
  }
  // The same version with other content.
  if (isThorough)
    expect((await tried(rig, '1.10.0', env)).findings[0]).toMatchObject({
      code: 'breaking-change',
      since: '1.10.0',
    });
  // The same again, when the registry cannot be reached: what it has said is known, and so is what the release exports.
  const asked = registry.asked.length;
  const offline = await tried(rig, '1.10.1', {});
  expect(offline.code).toBe(1);
  expect(offline.findings).toMatchObject([
    ...patch.findings.slice(0, 2).map(({ code, message }) => ({ code, message })),
    {
      code: 'since-release',
      message: 'compared with 1.10.0, the last release that is known, as the registry cannot be reached',
    },
  ]);
  expect(registry.asked).toHaveLength(asked);
  expect(patch.steps.filter((step) => step.startsWith('exports-before'))).not.toEqual([]);
  expect(offline.steps.filter((step) => step.startsWith('exports-before'))).toEqual([]);
  expect(offline.steps.filter((step) => step.startsWith('exports-after'))).not.toEqual([]);

  // No registry at all, and it has never said anything.
  const alone = await tried(rig, '1.10.2', {});
  expect(alone.code).toBe(3);
  expect(alone.findings).toMatchObject([{ code: 'not-compared', consequence: 'inconclusive' }]);
});
