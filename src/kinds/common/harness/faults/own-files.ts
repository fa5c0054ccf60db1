/** Which files belong to the modules under test, and by which names importers know them. */
import { basename, extname, relative, sep } from 'node:path';
import type { OwnModule } from '../../../../core/module-fault.ts';

/** Folders of a project whose files test or use the others. */
const TRIES =
  /^(?:__tests__|__mocks__|tests?|specs?|integration|e2e|examples?|bench(?:es|marks?)?|demos?|fixtures?|scripts|docs|\.shakedown)$/;
const TRY = /[._-](?:test|spec|bench|config)\.[cm]?[jt]sx?$/;

/** Folders of a project that contain what it exports, whatever other folders there are. */
const SOURCES = /^(?:lib|libs|src|source|dist|build|out|esm|cjs|es|prebuilds)$/;

/** Packages that load another package's addon for it. */
const LOADERS =
  /[\\/]node_modules[\\/](?:bindings|node-gyp-build|node-gyp-build-optional-packages|@mapbox[\\/]node-pre-gyp|pkg-prebuilds|@neon-rs[\\/]load)[\\/]/;

export const isLoader = (file: string): boolean => LOADERS.test(file);

export class OwnFiles {
  readonly #modules: readonly OwnModule[];
  /** Files that were loaded by others of the modules. */
  readonly #joined = new Set<string>();
  /** The file that a process starts with counts as outside, even within a module: it uses what it imports. */
  readonly #main: string | undefined;

  constructor(modules: readonly OwnModule[], main?: string) {
    this.#modules = modules;
    this.#main = main;
  }

  /** @param file an absolute path without symbolic links */
  of(file: string): OwnModule | undefined {
    return this.#modules.find((module) => this.#isOf(file, module));
  }

  /** Whether the importing file is one of them. */
  isInside(file: string | undefined): boolean {
    return file !== undefined && file !== this.#main && this.of(file) !== undefined;
  }

  /** Adds a file that one of them has imported, wherever in their folder it is. */
  join(file: string): void {
    this.#joined.add(file);
  }

  /** How an importer would write it: the main file as the module itself, others by their path. */
  nameOf(file: string, { name, folder, entries }: OwnModule): string {
    if (entries.includes(file)) return name;
    const within = inPackage(file, name) ?? (folder === null ? basename(file) : relative(folder, file));
    return `${name}/${within
      .slice(0, within.length - extname(within).length)
      .split(sep)
      .join('/')}`;
  }

  #isOf(file: string, { name, folder, entries }: OwnModule): boolean {
    if (entries.includes(file)) return true;
    if (folder === null) return inPackage(file, name) !== undefined;
    if (!file.startsWith(folder + sep)) return false;
    const parts = relative(folder, file).split(sep);
    if (parts.includes('node_modules')) return false;
    // All files of an installed package may be exported; a project also has others.
    if (folder.split(sep).includes('node_modules')) return true;
    if (parts.slice(0, -1).some((part) => TRIES.test(part)) || TRY.test(file)) return false;
    return this.#joined.has(file) || this.#isSource(parts, folder, entries);
  }

  #isSource([first = '', ...rest]: readonly string[], folder: string, entries: readonly string[]): boolean {
    if (rest.length === 0) return false;
    const tops = entries
      .map((entry) => relative(folder, entry).split(sep))
      .filter(({ length }) => length > 1);
    return tops.some(([top]) => top === first) || SOURCES.test(first);
  }
}

/** The path of a file within an installed package of this name. */
function inPackage(file: string, name: string): string | undefined {
  const parts = file.split(sep);
  const at = parts.lastIndexOf('node_modules');
  const length = name.split('/').length;
  if (at === -1 || parts.slice(at + 1, at + 1 + length).join('/') !== name) return undefined;
  return parts.slice(at + 1 + length).join(sep);
}
