/**
 * A workspace as its authors have it, made of what they have published: its packages lie beside each other, and need each
 * other by what only their package manager understands.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchTarball } from './ask.ts';
import { nameIn, type Workspace } from './packages.ts';

const run = promisify(execFile);
const INSTALL_MS = 300_000;

/** What each writes for a neighbour, and what its root holds. npm knows no `workspace:`. */
const MANAGERS = {
  npm: { neighbour: '*', files: {} },
  pnpm: { neighbour: 'workspace:^', files: { 'pnpm-workspace.yaml': 'packages:\n  - packages/*\n' } },
  yarn: {
    neighbour: 'workspace:^',
    files: { 'yarn.lock': '', '.yarnrc.yml': 'nodeLinker: node-modules\nenableTelemetry: false\n' },
  },
} as const;

export type ManagerName = keyof typeof MANAGERS;

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Scripts, and what they need, are for sources, which were not published. */
function asInWorkspace(manifest: Manifest, neighbours: readonly string[], neighbour: string): Manifest {
  const { scripts: _, devDependencies: __, dependencies = {}, ...rest } = manifest;
  const replaced = Object.entries(dependencies).map(([name, range]) => [
    name,
    neighbours.includes(name) ? neighbour : range,
  ]);
  return { ...rest, dependencies: Object.fromEntries(replaced) };
}

/**
 * @param folder an empty one, which becomes its root
 * @throws when it cannot be fetched or installed
 */
export async function makeWorkspace(
  { manager, version, members }: Workspace,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { neighbour, files } = MANAGERS[manager];
  const root = {
    name: 'root',
    private: true,
    packageManager: `${manager}@${version}`,
    workspaces: ['packages/*'],
  };
  const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);
  write('package.json', JSON.stringify(root));
  for (const [path, text] of Object.entries(files)) write(path, text);
  // Whoever looks upwards for a project stops here.
  mkdirSync(join(folder, '.git'));
  const names = members.map(nameIn);
  const fetched = join(folder, '.git', 'fetched');
  mkdirSync(fetched);
  for (const [index, spec] of members.entries()) {
    const at = join('packages', String(index));
    mkdirSync(join(folder, at), { recursive: true });
    const tarball = await fetchTarball(spec, fetched, env);
    await run('tar', ['-xzf', tarball, '-C', join(folder, at), '--strip-components=1']);
    const manifest = JSON.parse(readFileSync(join(folder, at, 'package.json'), 'utf8')) as Manifest;
    write(join(at, 'package.json'), JSON.stringify(asInWorkspace(manifest, names, neighbour), null, 2));
  }
  await run(manager, ['install'], { cwd: folder, env, timeout: INSTALL_MS });
}
