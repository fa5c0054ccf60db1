/** A package in a consumer's node_modules, and what its manifest promises. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { interpreterOf } from '../files/runnable.ts';
import { matchStar, resolveTarget, subpathsOf, type Target } from './conditions.ts';

/** The relevant parts of a package.json; their types are not validated. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly type?: string;
  readonly main?: string;
  readonly types?: string;
  readonly typings?: string;
  readonly exports?: Target;
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly bundleDependencies?: readonly string[] | boolean;
  readonly bundledDependencies?: readonly string[] | boolean;
}

/** How Node treats a file, by its extension and the nearest package.json. */
export type Format = 'module' | 'commonjs' | 'json' | 'addon' | 'wasm' | 'other';

/** The file that an entry point resolves to. */
export interface EntryFile {
  /** Relative to the package's folder, with `/`. */
  readonly path: string;
  readonly exists: boolean;
  readonly format: Format;
  /** It has a shebang: it is meant to be run, and may do anything when loaded. */
  readonly isProgram: boolean;
}

/** A module that a consumer can load by name. */
export interface EntryPoint {
  /** As an import writes it: `lodash`, `lodash/fp`. */
  readonly specifier: string;
  /** As `exports` writes it: `.`, `./fp`. */
  readonly subpath: string;
  /** For `import` in Node; null when there is none. */
  readonly import: EntryFile | null;
  /** For `require` in Node. */
  readonly require: EntryFile | null;
  /** The declarations that TypeScript reads for an `import` under `node16`. */
  readonly importTypes: EntryFile | null;
  /** And those for a `require`. */
  readonly requireTypes: EntryFile | null;
}

/** A program that the package installs. */
export interface Bin {
  readonly name: string;
  /** Relative to the package's folder. */
  readonly path: string;
  readonly exists: boolean;
}

export interface InstalledPackage {
  /** The consumer's folder: programs there resolve the package by its name. */
  readonly consumer: string;
  /** The package's own folder, in the consumer's node_modules. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly manifest: Manifest;
  /** `.` first; a pattern in `exports` yields one for each matching file. */
  readonly entryPoints: readonly EntryPoint[];
  readonly bins: readonly Bin[];
  /** Files of native addons in the package, relative to its folder. */
  readonly addons: readonly string[];
  /** npm's warnings about install scripts. */
  readonly scriptWarnings: readonly string[];
  /** The Node versions that it requires, if the one in use is not among them. */
  readonly needsNode: string | null;
  /** It was installed by an earlier run. */
  readonly isReused: boolean;
  /** Of declarations of somebody else (`@types/…`), the package that they describe. */
  readonly described?: PackageContents;
}

/** What is read from the package itself, not from its installation. */
export type PackageContents = Omit<
  InstalledPackage,
  'scriptWarnings' | 'needsNode' | 'isReused' | 'described'
>;

const NODE = ['node', 'node-addons', 'module-sync'];
const IMPORT = new Set([...NODE, 'import']);
const REQUIRE = new Set([...NODE, 'require']);
const IMPORT_TYPES = new Set([...IMPORT, 'types']);
const REQUIRE_TYPES = new Set([...REQUIRE, 'types']);

const DECLARATION = /\.d\.[cm]?ts$/;
const SOURCES: Readonly<Record<string, string>> = { '.js': '.d.ts', '.mjs': '.d.mts', '.cjs': '.d.cts' };

/** All files of a package, with `/`, except its own node_modules. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.startsWith('node_modules/'));
}

class PackageReader {
  readonly #folder: string;
  readonly #name: string;
  readonly #manifest: Manifest;
  readonly #files: readonly string[];

  constructor(folder: string, name: string, manifest: Manifest) {
    this.#folder = folder;
    this.#name = name;
    this.#manifest = manifest;
    this.#files = filesOf(folder);
  }

  entryPoints(): EntryPoint[] {
    const { exports } = this.#manifest;
    const found = exports === undefined || exports === null ? [this.#mainEntry()] : this.#exported(exports);
    return found
      .filter((entry) => entry.import !== null || entry.require !== null || entry.importTypes !== null)
      .sort((a, b) => Number(b.subpath === '.') - Number(a.subpath === '.'));
  }

  bins(): Bin[] {
    const { bin = {} } = this.#manifest;
    const named = typeof bin === 'string' ? { [this.#name.replace(/^@[^/]+\//, '')]: bin } : bin;
    return Object.entries(named).map(([name, path]) => ({
      name,
      path: posix.normalize(path),
      exists: this.#isFile(path),
    }));
  }

  addons(): string[] {
    return this.#files.filter((path) => path.endsWith('.node'));
  }

  #isFile(path: string): boolean {
    const stat = statSync(join(this.#folder, path), { throwIfNoEntry: false });
    return stat?.isFile() === true;
  }

  #file(path: string | undefined): EntryFile | null {
    if (path === undefined) return null;
    const normal = posix.normalize(path);
    const exists = this.#isFile(normal);
    const isProgram = exists && interpreterOf(join(this.#folder, normal)) !== undefined;
    return { path: normal, exists, format: this.#formatOf(normal), isProgram };
  }

  #formatOf(path: string): Format {
    if (path.endsWith('.mjs')) return 'module';
    if (path.endsWith('.cjs')) return 'commonjs';
    if (path.endsWith('.json')) return 'json';
    if (path.endsWith('.node')) return 'addon';
    if (path.endsWith('.wasm')) return 'wasm';
    if (path.endsWith('.js') || posix.extname(path) === '') return this.#typeAt(posix.dirname(path));
    return 'other';
  }

  /** The nearest package.json decides: many packages have one in a subfolder. */
  #typeAt(folder: string): 'module' | 'commonjs' {
    const path = join(this.#folder, folder, 'package.json');
    if (folder !== '.' && !existsSync(path)) return this.#typeAt(posix.dirname(folder));
    const { type } = folder === '.' ? this.#manifest : (readManifest(path) ?? {});
    return type === 'module' ? 'module' : 'commonjs';
  }

  #entry(
    subpath: string,
    targets: Readonly<Record<'import' | 'require' | 'importTypes' | 'requireTypes', string | undefined>>,
  ): EntryPoint {
    return {
      specifier: posix.join(this.#name, subpath),
      subpath,
      import: this.#file(targets.import),
      require: this.#file(targets.require),
      importTypes: this.#file(targets.importTypes),
      requireTypes: this.#file(targets.requireTypes),
    };
  }

  #exported(exports: Target): EntryPoint[] {
    const subpaths = subpathsOf(exports);
    // Node no longer supports folder mappings (`"./lib/": "./lib/"`).
    const named = [...subpaths].filter(([subpath]) => !subpath.endsWith('/'));
    return named.flatMap(([subpath, target]) =>
      subpath.includes('*')
        ? this.#expanded(subpath, target, subpaths)
        : [this.#conditional(subpath, target)],
    );
  }

  /** @param star replaces the `*` in all targets */
  #conditional(subpath: string, target: Target, star = ''): EntryPoint {
    const under = (conditions: ReadonlySet<string>): string | undefined =>
      resolveTarget(target, conditions)?.replaceAll('*', star);
    return this.#entry(subpath.replace('*', star), {
      import: under(IMPORT),
      require: under(REQUIRE),
      importTypes: this.#declarations(under(IMPORT_TYPES)),
      requireTypes: this.#declarations(under(REQUIRE_TYPES)),
    });
  }

  /** Expands a pattern to the files that match it, except those without an extension, such as LICENSE. */
  #expanded(pattern: string, target: Target, subpaths: ReadonlyMap<string, Target>): EntryPoint[] {
    const templates = [IMPORT, REQUIRE].flatMap((conditions) => resolveTarget(target, conditions) ?? []);
    const stars = new Set(
      templates.flatMap((template) =>
        this.#files.flatMap(
          (file) => (posix.extname(file) === '' ? [] : matchStar(posix.normalize(template), file)) ?? [],
        ),
      ),
    );
    return [...stars].sort().flatMap((star) => {
      const subpath = pattern.replace('*', star);
      return bestMatch(subpath, subpaths) === pattern ? [this.#conditional(pattern, target, star)] : [];
    });
  }

  /** What TypeScript reads for a file: the file itself, or the declarations next to it. */
  #declarations(path: string | undefined): string | undefined {
    if (path === undefined || DECLARATION.test(path)) return path;
    const extension = posix.extname(path);
    const beside = `${path.slice(0, path.length - extension.length)}${SOURCES[extension] ?? '.d.ts'}`;
    return this.#isFile(beside) ? beside : undefined;
  }

  #mainEntry(): EntryPoint {
    const { types, typings } = this.#manifest;
    const main = this.#main();
    const declared = types ?? typings;
    const declarations =
      (declared === undefined
        ? undefined
        : (this.#firstFile([declared, `${declared}.d.ts`, `${declared}/index.d.ts`]) ?? declared)) ??
      this.#declarations(main) ??
      this.#firstFile(['index.d.ts']);
    const targets = { import: main, require: main, importTypes: declarations, requireTypes: declarations };
    return this.#entry('.', targets);
  }

  /** Resolved like `require` does; a `main` that does not exist is kept, so that it is reported. */
  #main(): string | undefined {
    const { main } = this.#manifest;
    const index = this.#firstFile(['index.js', 'index.json', 'index.node']);
    if (typeof main !== 'string' || main === '') return index;
    const endings = ['', '.js', '.json', '.node', '/index.js', '/index.json', '/index.node'];
    const found = this.#firstFile(endings.map((ending) => `${main}${ending}`)) ?? index;
    // In a package of declarations only, `main` may be one.
    if (found !== undefined && DECLARATION.test(found)) return undefined;
    return found ?? main;
  }

  #firstFile(paths: readonly string[]): string | undefined {
    return paths.find((path) => this.#isFile(path));
  }
}

/** The subpath that Node picks: an exact one, else the most specific pattern. */
function bestMatch(subpath: string, subpaths: ReadonlyMap<string, Target>): string | undefined {
  if (subpaths.has(subpath)) return subpath;
  const specificity = (pattern: string): number => pattern.indexOf('*') * 1000 + pattern.length;
  return [...subpaths.keys()]
    .filter((key) => key.includes('*') && matchStar(key, subpath) !== undefined)
    .sort((a, b) => specificity(b) - specificity(a))[0];
}

function readManifest(path: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, '')) as Manifest;
  } catch {
    return undefined;
  }
}

/**
 * Reads a package that npm has installed.
 *
 * @param consumer absolute path of the folder it was installed in
 * @throws when its package.json cannot be read, although npm could
 */
export function readInstalled(consumer: string, name: string): PackageContents {
  const folder = join(consumer, 'node_modules', name);
  const manifest = readManifest(join(folder, 'package.json'));
  if (manifest === undefined) throw new Error(`${folder} has no package.json that can be read`);
  const reader = new PackageReader(folder, name, manifest);
  return {
    consumer,
    folder,
    name,
    version: manifest.version,
    manifest,
    entryPoints: reader.entryPoints(),
    bins: reader.bins(),
    addons: reader.addons(),
  };
}
