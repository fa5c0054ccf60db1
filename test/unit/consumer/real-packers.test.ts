/** What package managers are told is tried on the real ones: each packs what only its workspace understands, or its own. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { packFolder } from '../../../src/consumer/pack.ts';
import type { RunDirectory } from '../../../src/store/run-directory.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';
import { type PackerName, pathWith } from '../../rig/packers.ts';

/** By the name of a package manager: what its project holds, and how `ui` names its neighbour in a tarball. */
const PROJECTS = {
  pnpm: {
    files: { 'pnpm-workspace.yaml': 'packages:\n  - packages/*\n' },
    ...{ range: 'workspace:^', packed: '^1.2.3' },
  },
  classic: { files: { 'yarn.lock': '# yarn lockfile v1\n' }, range: '^1.0.0', packed: '^1.0.0' },
} as const satisfies Partial<Record<PackerName, object>>;

type Project = (typeof PROJECTS)[keyof typeof PROJECTS];

/** A workspace that is installed as far as packing needs it. */
function writeWorkspace(dir: string, { files, range }: Project): string {
  const write = (path: string, content: string | object): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  write('package.json', { name: 'root', private: true, workspaces: ['packages/*'] });
  write('.git/HEAD', '');
  for (const [path, text] of Object.entries(files)) write(path, text);
  write('packages/core/package.json', { name: 'core', version: '1.2.3' });
  write('packages/ui/package.json', { name: 'ui', version: '1.0.0', dependencies: { core: range } });
  mkdirSync(join(dir, 'packages/ui/node_modules'));
  symlinkSync('../../core', join(dir, 'packages/ui/node_modules/core'));
  mkdirSync(join(dir, 'run'));
  return join(dir, 'packages/ui');
}

// Yarn since 2 is tried as a whole, by the tests of the program.
test.each(['pnpm', 'classic'] as const)('%s packs as it is told', { timeout: 120_000 }, async (name) => {
  const dir = mkdtempSync(join(tmpdir(), 'real-packers-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const folder = writeWorkspace(dir, PROJECTS[name]);
  const env = { ...process.env, PATH: pathWith(name), HOME: dir };
  const attempt = new FakeAttempt();
  const directory = { path: join(dir, 'run') } as RunDirectory;
  const done = packFolder(folder, { ...attempt.context, directory, env: { PATH: env.PATH } });
  // The processes are fakes; what they are told to run is run here.
  const steps = name === 'classic' ? ['version', 'pack'] : ['pack'];
  for (const step of steps) {
    const command = await attempt.processes.started(`try.1/${step}`);
    const [program = '', ...words] = command.command.split(' ');
    const { stdout } = await promisify(execFile)(program, words, { cwd: folder, env });
    command.print(stdout);
    command.finish(0);
  }
  const tarball = await done;
  if (!tarball.ok) throw new Error(tarball.error.message);
  const manifest = execFileSync('tar', ['-xzOf', tarball.value, 'package/package.json'], {
    encoding: 'utf8',
  });
  expect(JSON.parse(manifest)).toMatchObject({ name: 'ui', dependencies: { core: PROJECTS[name].packed } });
});
