/** A package of a workspace, packed by the real package manager of its project. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { caches, publish, tryPackage, writePackage } from '../rig/packages.ts';
import { type PackerName, pathWith } from '../rig/packers.ts';
import { Registry } from '../rig/registry.ts';
import { Rig } from '../rig/rig.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

/** By the name of a package manager: what the root of its project holds. */
const PROJECTS: Readonly<
  Record<Exclude<PackerName, 'classic'>, { manifest: object; files: Record<string, string> }>
> = {
  berry: {
    manifest: { packageManager: 'yarn@4.10.3' },
    files: { 'yarn.lock': '', '.yarnrc.yml': 'catalog:\n  part: ^1.0.0\nenableTelemetry: false\n' },
  },
  pnpm: {
    manifest: {},
    files: { 'pnpm-workspace.yaml': 'packages:\n  - packages/*\ncatalog:\n  part: ^1.0.0\n' },
  },
  bun: { manifest: { packageManager: 'bun', catalog: { part: '^1.0.0' } }, files: {} },
};

const UI = {
  manifest: { name: 'ui', dependencies: { core: 'workspace:^', part: 'catalog:' } },
  files: {
    'index.js':
      "const { one } = require('core');\nif (one === undefined) null.one;\nexports.sum = one + require('part').two;\n",
  },
};

/** A workspace whose package `ui` needs its neighbour `core`, and `part` in the version of the catalog. */
function writeWorkspace(rig: Rig, manifest: object, files: Record<string, string>): void {
  writePackage(rig, 'mono', { private: true, workspaces: ['packages/*'], ...manifest }, files);
  rig.write('mono/.git', '');
  writePackage(rig, 'mono/packages/core', { name: 'core' }, { 'index.js': 'exports.one = 1;\n' });
  writePackage(rig, 'mono/packages/ui', UI.manifest, UI.files);
}

/** Installs a workspace as its author would, with nothing from the home of whoever runs the tests. */
async function install(packer: string, rig: Rig, env: NodeJS.ProcessEnv): Promise<void> {
  const home = { HOME: join(rig.dir, 'home'), XDG_CACHE_HOME: '', XDG_DATA_HOME: '' };
  await promisify(execFile)(packer, ['install'], {
    cwd: join(rig.dir, 'mono'),
    env: { ...process.env, ...caches(rig), ...home, ...env },
  });
}

test.each(inTurn(Object.entries(PROJECTS)))(
  '%s replaces what only its workspace understands',
  async (packer, { manifest, files }) => {
    await using rig = await Rig.create();
    // That of the registry lacks what its neighbour uses.
    const core = publish(rig, 'core', {}, { 'index.js': 'exports.zero = 0;\n' });
    const part = publish(rig, 'part', {}, { 'index.js': 'exports.two = 2;\n' });
    await using registry = await Registry.start([core, part]);
    writeWorkspace(rig, manifest, files);
    const env = { npm_config_registry: registry.url, PATH: pathWith(packer as PackerName) };
    // pnpm and Bun read the versions from what is installed; Yarn reads them from the neighbours.
    if (packer !== 'berry') await install(packer, rig, env);
    const { code, stdout } = await tryPackage(rig, ['./mono/packages/ui', 'entries'], env).exit();
    expect(code, stdout).toBe(0);
    expect(rig.report().suite).toBe('ui@1.0.0');

    if (!isThorough) return;
    const all = await tryPackage(rig, ['./mono', 'entries', '--workspaces'], env).exit();
    expect(all.code, all.stdout).toBe(0);
    expect(rig.report().components.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'core:entries passed',
      'ui:entries passed',
    ]);
  },
);

test.runIf(isThorough)('Yarn 1 packs what is its own, with the scripts of the package', async () => {
  await using rig = await Rig.create();
  const part = publish(rig, 'part', {}, { 'index.js': 'exports.two = 2;\n' });
  await using registry = await Registry.start([part]);
  const manifest = {
    ...{ name: 'ui', dependencies: { core: '^1.0.0', part: '^1.0.0' }, files: ['index.js', 'by.txt'] },
    scripts: {
      prepack: `node -e "require('fs').writeFileSync('by.txt', process.env.npm_config_user_agent)"`,
    },
  };
  writeWorkspace(rig, { packageManager: 'yarn@1.22.22' }, { 'yarn.lock': '# yarn lockfile v1\n' });
  writePackage(rig, 'mono/packages/ui', manifest, UI.files);
  const env = { npm_config_registry: registry.url, PATH: pathWith('classic') };
  const { code, stdout } = await tryPackage(rig, ['./mono', 'entries', '--workspaces'], env).exit();
  expect(code, stdout).toBe(0);
  expect(rig.report().components.map(({ name }) => name)).toEqual(['core:entries', 'ui:entries']);
  expect(rig.read('mono/packages/ui/by.txt')).toMatch(/^yarn\/1\.22/);
});

test('what a workspace needs and npm leaves in a package is said, and nothing else packs it', async () => {
  await using rig = await Rig.create();
  writeWorkspace(rig, {}, {});
  const { code, stdout } = await tryPackage(rig, ['./mono/packages/ui', 'entries']).exit();
  expect(code).toBe(1);
  expect(stdout).toContain(
    'cannot be packed: npm leaves "core": "workspace:^" in it, which nobody can install',
  );
  writeWorkspace(rig, { packageManager: 'pnpm@10.2.0' }, {});
  const bin = join(rig.dir, 'bin');
  const refused = await tryPackage(rig, ['./mono/packages/ui', 'entries'], { PATH: bin }).exit();
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('package.json names pnpm@10.2.0, and pnpm is not installed');
  expect(refused.stderr).toContain('npm install --global pnpm@10.2.0');
});
