/** Packages that a test writes, publishes and tries. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Published } from './registry.ts';
import type { Rig, ShakedownRun } from './rig.ts';

export type Files = Readonly<Record<string, string>>;

/** Nothing of what npm or Shakedown keeps between runs is shared with anybody. */
export const caches = (rig: Rig): NodeJS.ProcessEnv => ({
  XDG_CACHE_HOME: join(rig.dir, 'cache'),
  npm_config_cache: join(rig.dir, 'npm'),
  // Nor is a stranger's package taken for the last release of one of a test that has the same name.
  npm_config_registry: 'http://127.0.0.1:9/',
});

/** @returns the path of its folder */
export function writePackage(rig: Rig, folder: string, manifest: object, files: Files): string {
  rig.write(`${folder}/package.json`, JSON.stringify({ name: folder, version: '1.0.0', ...manifest }));
  for (const [path, content] of Object.entries(files)) rig.write(`${folder}/${path}`, content);
  return join(rig.dir, folder);
}

/** Packs a package, as it would be published. */
export function publish(
  rig: Rig,
  folder: string,
  manifest: { readonly version?: string; readonly [field: string]: unknown },
  files: Files,
): Published {
  const args = ['pack', writePackage(rig, folder, manifest, files), '--silent'];
  const name = execFileSync('npm', args, {
    cwd: rig.dir,
    encoding: 'utf8',
    env: { ...process.env, ...caches(rig) },
  });
  return {
    name: folder,
    version: manifest.version ?? '1.0.0',
    tarball: join(rig.dir, name.trim()),
    manifest,
  };
}

/** `shakedown package`, whose report is that of the rig. */
export const tryPackage = (rig: Rig, args: readonly string[], env: NodeJS.ProcessEnv = {}): ShakedownRun =>
  rig.start(['package', ...args, '--report', 'json=report.json'], { ...caches(rig), ...env });
