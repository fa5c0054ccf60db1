/** From an installed package to a suite that tries it: pure. */
import { join } from 'node:path';
import type {
  BinComponent,
  Component,
  EntriesComponent,
  InitComponent,
  PackageTypesComponent,
  Suite,
  ThreadsComponent,
} from '../core/suite.ts';
import { EXPECT_SUCCESS } from '../core/suite.ts';
import { type Ms, ms } from '../core/units.ts';
import { SCRATCH } from './install.ts';
import type { Bin, InstalledPackage } from './installed-package.ts';
import { loadsOf, sample } from './loads.ts';
import { typedPackage } from './typed-package.ts';

/** So many loads are tried of a package that offers more, spread over all of them. */
const MOST_LOADS = 2000;

const ENTRIES_LIMIT = ms(60_000);
const INIT_LIMIT = ms(60_000);
const THREADS_LIMIT = ms(120_000);
const BIN_LIMIT = ms(30_000);
const TYPES_LIMIT = ms(5 * 60_000);

/** Enough to meet each other, and few enough for a laptop. */
const PROCESSES = 4;
const WORKERS = 4;

const common = (name: string, cwd: string, timeout: Ms) => ({
  name,
  cwd,
  timeout,
  slow: ms(timeout / 2),
  env: {},
  retries: 0,
  needs: [],
  onlyWhenNamed: false,
  leave: [],
});

/** Files that `exports` or `main` name and that are not there. */
function missingFiles({ entryPoints, manifest }: InstalledPackage): EntriesComponent['missing'] {
  const named = (subpath: string): string =>
    manifest.exports === undefined || manifest.exports === null
      ? 'main'
      : `exports[${JSON.stringify(subpath)}]`;
  const missing = entryPoints.flatMap(({ subpath, import: imported, require: required }) => {
    const files = [imported, required].filter((file) => file !== null && !file.exists);
    return [...new Set(files.flatMap((file) => file?.path ?? []))].map((file) => ({
      promise: named(subpath),
      file,
    }));
  });
  return missing;
}

function entriesComponent(installed: InstalledPackage): EntriesComponent | undefined {
  const { name, folder, consumer, entryPoints, bins, manifest } = installed;
  const loads = entryPoints.flatMap((entry) => loadsOf(entry, bins));
  const missing = missingFiles(installed);
  if (loads.length === 0 && missing.length === 0) return undefined;
  const { dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = manifest;
  return {
    ...common('entries', join(consumer, SCRATCH), ENTRIES_LIMIT),
    kind: 'entries',
    package: {
      name,
      folder,
      declared: [
        name,
        ...[dependencies, peerDependencies, optionalDependencies].flatMap((each) => Object.keys(each)),
      ],
      // One that excludes the Node in use is not tried at all.
      isForThisNode: manifest.engines?.node !== undefined,
    },
    loads: sample(loads, MOST_LOADS),
    total: loads.length,
    missing,
  };
}

function binComponent({ name, path }: Bin, consumer: string): BinComponent {
  return {
    ...common(`bin:${name}`, join(consumer, SCRATCH), BIN_LIMIT),
    // Nobody is there to answer, and nothing is to be looked up for nobody.
    env: { CI: '1', NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' },
    kind: 'bin',
    bin: name,
    program: join(consumer, 'node_modules', '.bin', name),
    file: path,
  };
}

/** Loaded in all the ways there are; by its name, as an import in the consumer writes it. */
const initComponent = ({ name, consumer }: InstalledPackage): InitComponent => ({
  ...common('init', join(consumer, SCRATCH), INIT_LIMIT),
  kind: 'init',
  language: 'node',
  module: name,
  use: null,
  processes: PROCESSES,
  hangAfter: ms(15_000),
  coldStart: null,
  denyModules: [],
  singletons: [],
  expect: EXPECT_SUCCESS,
});

/** Loaded and left by threads: what its functions take nobody has said, so none is called. */
const threadsComponent = ({ name, consumer }: InstalledPackage): ThreadsComponent => ({
  ...common('threads', join(consumer, SCRATCH), THREADS_LIMIT),
  kind: 'threads',
  trial: {
    type: 'module',
    module: name,
    workers: WORKERS,
    iterations: null,
    exports: null,
    inputs: null,
    oracle: null,
  },
  stall: ms(10_000),
});

/** Nothing can be held against each other where there are no declarations, or no module that Node can load. */
function typesComponent(installed: InstalledPackage): PackageTypesComponent | undefined {
  const typed = typedPackage(installed);
  const isDeclared = installed.entryPoints.some(
    ({ importTypes, requireTypes }) => importTypes?.exists === true || requireTypes?.exists === true,
  );
  if (!isDeclared && !typed.hasTypes) return undefined;
  if (typed.entries.every(({ loads }) => loads.length === 0)) return undefined;
  return {
    ...common('types', join(installed.consumer, SCRATCH), TYPES_LIMIT),
    kind: 'types',
    package: { type: 'installed', installed: typed },
    sample: null,
    negative: [],
    typescript: [],
    // Declarations alone are the same for all; how they are found is compared before.
    resolution: ['node16'],
    expect: EXPECT_SUCCESS,
  };
}

/** What applies to a package of what can be tried. */
function componentsOf(installed: InstalledPackage): Component[] {
  const entries = entriesComponent(installed);
  const types = typesComponent(installed);
  const isLoadable = entries?.loads.some(({ specifier }) => specifier === installed.name) === true;
  return [
    ...(entries === undefined ? [] : [entries]),
    ...(types === undefined ? [] : [types]),
    ...(isLoadable ? [initComponent(installed), threadsComponent(installed)] : []),
    ...installed.bins.map((bin) => binComponent(bin, installed.consumer)),
  ];
}

/**
 * @param root absolute path of the folder that `.shakedown/` is kept in
 * @param spec the package as a person named it
 * @returns a suite named after the package and its version
 */
export function trialSuite(installed: InstalledPackage, spec: string, root: string): Suite {
  return {
    name: `${installed.name}@${installed.version}`,
    root,
    source: { type: 'package', spec },
    memory: 'off',
    env: {},
    path: [join(installed.consumer, 'node_modules', '.bin')],
    setup: [],
    components: componentsOf(installed),
    absent: [],
    unusable: [],
  };
}
