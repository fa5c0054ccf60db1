/** The TypeScript that `tsc` belongs to, if it comes from npm. */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findProgram } from '../../files/find-program.ts';
import { readJson } from '../../files/read-json.ts';

export interface InstalledTypescript {
  /** Absolute path of its package. */
  readonly folder: string;
  /** The first number of its version. */
  readonly major: number;
}

/** @param path the PATH to search for `tsc` */
export function installedTypescript(path: string | undefined): InstalledTypescript | undefined {
  const tsc = findProgram('tsc', path);
  if (tsc === undefined) return undefined;
  const folder = dirname(dirname(realpathSync(tsc)));
  const manifest = readJson<{ readonly name?: string; readonly version?: string }>(
    join(folder, 'package.json'),
  );
  if (manifest?.name !== 'typescript') return undefined;
  return { folder, major: Number.parseInt(manifest.version ?? '', 10) };
}

/**
 * From version 7 on, `tsc` is a script for Node that does nothing but start the compiler. That takes a third of the time of
 * checking a small sample, so trials, of which there are many, start the compiler themselves.
 *
 * @returns absolute path of the compiler; or `tsc`, if it is not one that is started like this
 */
export function compilerItself(path: string | undefined): string {
  const installed = installedTypescript(path);
  if (installed === undefined || !(installed.major >= 7)) return 'tsc';
  try {
    const name = `@typescript/typescript-${process.platform}-${process.arch}/package.json`;
    const manifest = createRequire(join(installed.folder, 'package.json')).resolve(name);
    return findProgram(join(dirname(manifest), 'lib', 'tsc'), undefined) ?? 'tsc';
  } catch {
    return 'tsc';
  }
}
