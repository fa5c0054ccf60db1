/** A Python package in a virtual environment, and what it promises there. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../core/suite.ts';
import { type Metadata, normalName, readMetadata, readRecord, readScripts, type Script } from './metadata.ts';
import { modulesOf, type PythonModule } from './modules.ts';
import type { PythonSpec } from './spec.ts';
import type { PythonTools } from './tools.ts';
import type { Wheel } from './wheel.ts';

export interface InstalledDistribution {
  /** The folder with its virtual environment, and a folder to run in. */
  readonly consumer: string;
  /** Where the programs of the environment are. */
  readonly programs: string;
  /** The environment's own Python. */
  readonly python: string;
  /** `3.13.0` */
  readonly pythonVersion: string;
  /** The environment's `site-packages`. */
  readonly site: string;
  readonly name: string;
  readonly version: string;
  readonly metadata: Metadata;
  /** What it has installed, relative to `site`, with `/`. */
  readonly files: readonly string[];
  /** Of those, what is not there. */
  readonly missing: readonly string[];
  readonly modules: readonly PythonModule[];
  readonly scripts: readonly Script[];
  /** Lines of `entry_points.txt` that name a program which cannot be run. */
  readonly oddScripts: readonly string[];
  readonly wheel: Wheel;
  /** What the user has named. */
  readonly source: PythonSpec;
  /** With which it was installed. */
  readonly tools: PythonTools;
  /** Says to pip and uv where packages come from, maybe with credentials. */
  readonly indexes: Environment;
  /** The distribution whose stubs it has is installed beside it. */
  readonly hasDescribed: boolean;
  /** It was installed by an earlier run. */
  readonly isReused: boolean;
}

/** What is read from the environment itself. */
export type DistributionContents = Omit<
  InstalledDistribution,
  'pythonVersion' | 'wheel' | 'source' | 'tools' | 'indexes' | 'hasDescribed' | 'isReused'
>;

export const VENV = 'venv';

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** `lib/python3.13/site-packages`: the only one of its kind. */
function siteOf(venv: string): string | undefined {
  const library = join(venv, 'lib');
  return readdirSync(library)
    .map((name) => join(library, name, 'site-packages'))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
}

/**
 * Reads a distribution that pip or uv has installed. None of its code is run.
 *
 * @param consumer absolute path of a folder with a virtual environment
 * @returns undefined if there is no such distribution
 */
export function readDistribution(consumer: string, name: string): DistributionContents | undefined {
  const venv = join(consumer, VENV);
  const site = siteOf(venv);
  if (site === undefined) return undefined;
  const folder = readdirSync(site).find(
    (each) => each.endsWith('.dist-info') && normalName(each.split('-')[0] ?? '') === normalName(name),
  );
  if (folder === undefined) return undefined;
  const metadata = readMetadata(readText(join(site, folder, 'METADATA')));
  const { scripts, odd } = readScripts(readText(join(site, folder, 'entry_points.txt')));
  const files = readRecord(readText(join(site, folder, 'RECORD'))).map(({ path }) => path);
  return {
    ...{ consumer, site, metadata, files },
    programs: join(venv, 'bin'),
    python: join(venv, 'bin', 'python'),
    name: metadata.name,
    version: metadata.version,
    missing: files.filter((file) => statSync(join(site, file), { throwIfNoEntry: false }) === undefined),
    modules: modulesOf(files),
    scripts,
    oddScripts: odd,
  };
}
