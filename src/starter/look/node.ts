/** What a Node package reveals: its manager, its scripts, its server and its tests. */
import { dirname, join, relative } from 'node:path';
import { findProgram } from '../../files/find-program.ts';
import type { DataScript, NodeFacts, PackageManager, ServerSigns, TestScript } from '../facts.ts';
import { installedPackages } from './node-modules.ts';
import { isRepeatable, serverSigns, testSigns } from './signs.ts';
import { asObject, type Source, type Tree, textsOf } from './tree.ts';

const LOCK_FILES: readonly (readonly [string, PackageManager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

const SOURCE = /\.[cm]?[jt]sx?$/;
const TEST_FOLDERS = ['test', 'tests', '__tests__', 'spec', 'e2e', 'integration', 'smoke', 'cypress'];
const TEST_NAMES = ['test', 'spec', 'e2e', 'smoke'];

/** Judged by its folder, or by a word of its name: `a.test.ts`, `smoke.mjs`. */
function isTest(path: string): boolean {
  const folders = path.split('/');
  const words = folders.pop()?.split(/[.-]/).slice(0, -1) ?? [];
  return folders.some((folder) => TEST_FOLDERS.includes(folder)) || TEST_NAMES.includes(words.at(-1) ?? '');
}

const SETUP_FILES = ['setup', 'jest.config', 'vitest.config', 'playwright.config', '.mocharc'];
const isSetup = (path: string): boolean =>
  SETUP_FILES.some((name) => path.toLowerCase().split('/').at(-1)?.includes(name) === true);

/** Scripts that test something, the most specific first. */
const TEST_SCRIPTS = [
  ...['test:e2e', 'e2e', 'test:integration', 'integration', 'test:smoke', 'smoke', 'test:api', 'test:http'],
  'test',
];

interface Lock {
  readonly manager: PackageManager;
  readonly file: string | null;
}

/** The lock file may be in a parent folder: a monorepo has only one. */
function lockOf(tree: Tree, top: Tree, named: string | undefined): Lock {
  const byName = /^(npm|pnpm|yarn|bun)@/.exec(named ?? '')?.[1] as PackageManager | undefined;
  for (const place of [tree, top]) {
    const found = LOCK_FILES.filter(([file]) => place.has(file));
    const [file, manager] = found.find(([, each]) => each === byName) ?? found[0] ?? [];
    if (file === undefined || manager === undefined) continue;
    const isBerry =
      manager === 'yarn' && /^__metadata:/m.test(place.text(file, 4096)?.replace(/^#.*$/gm, '') ?? '');
    return { manager: isBerry ? 'yarn-berry' : manager, file: relative(tree.root, place.path(file)) };
  }
  return { manager: byName ?? 'npm', file: null };
}

const COUNTERPARTS: readonly (readonly [RegExp, string])[] = [
  [/^(?:\.\/)?(?:dist|build|lib|out)\/(?:src\/)?/, 'src/'],
  [/^(?:\.\/)?(?:dist|build|lib|out)\//, ''],
];

/** Files that a script's line names; for those that a build makes, their sources. */
export function namedFiles(line: string, tree: Tree): string[] {
  const words = line.split(/[\s"'=,]+/).filter((word) => word !== '' && !word.startsWith('-'));
  return words.flatMap((word) => {
    const forms = [
      word,
      ...COUNTERPARTS.flatMap(([from, to]) => (from.test(word) ? [word.replace(from, to)] : [])),
    ];
    for (const form of forms) {
      const bare = form.replace(SOURCE, '');
      const found = [
        form,
        ...['.ts', '.js', '.mts', '.mjs', '.cjs', '.tsx'].map((ending) => bare + ending),
      ].find((path) => tree.isFile(path));
      if (found !== undefined) return [found.replace(/^\.\//, '')];
    }
    return [];
  });
}

function testScripts(
  scripts: Readonly<Record<string, string>>,
  tests: readonly string[],
  tree: Tree,
): TestScript[] {
  return TEST_SCRIPTS.flatMap((name): TestScript[] => {
    const text = scripts[name];
    if (text === undefined || /no test specified/.test(text)) return [];
    const named = namedFiles(text, tree);
    const folders = text.split(/[\s"']+/).filter((word) => /\w/.test(word) && tree.isFolder(word));
    const words = folders.map((folder) => `${folder.replace(/^\.\/|\/$/g, '')}/`);
    const chosen = tests.filter(
      (path) => named.includes(path) || words.some((word) => path.startsWith(word)),
    );
    const mine =
      chosen.length > 0
        ? chosen
        : named.length > 0 && name !== 'test'
          ? named
          : tests.filter((path) => fits(name, path));
    // What is loaded before the tests, whatever it is called.
    const loaded = [...text.matchAll(/(?:--import|--require|-r|--file)[ =](\S{1,200})/g)].map(
      ([, file = '']) => file,
    );
    const setups = [...namedFiles(loaded.join(' '), tree), ...[...named, ...tree.names()].filter(isSetup)];
    const common = [...setups, ...tests.filter(isSetup)];
    const line: Source = { path: `script ${name}`, text };
    return [
      { name, text, signs: testSigns(tree.sources(mine), [line, ...tree.sources([...new Set(common)])]) },
    ];
  });
}

/** Whether a test may belong to a script that names none: `test:e2e` has its own. */
function fits(script: string, path: string): boolean {
  const kind = script.replace(/^test:/, '');
  const particular = /e2e|integration|smoke|cypress/.exec(path)?.[0];
  return script === 'test' ? true : particular === kind || particular === undefined;
}

const MIGRATE =
  /^(?:db[:-])?(?:migrate|migration|migrations)(?:[:-](?:up|run|deploy|latest|apply))?$|^(?:db|prisma)[:-](?:push|setup|init|migrate|deploy)$/;
const SEED = /^(?:(?:db|prisma)[:-])?seed(?:[:-](?:run|all|dev))?$/;
function dataScripts(scripts: Readonly<Record<string, string>>, tree: Tree): DataScript[] {
  const all = Object.entries(scripts).flatMap(([name, text]): DataScript[] => {
    const kind = MIGRATE.test(name) ? 'migrate' : SEED.test(name) ? 'seed' : undefined;
    if (kind === undefined) return [];
    const files = namedFiles(text, tree);
    const isSafe = tree.sources(files).some((source) => isRepeatable(source.text)) || isRepeatable(text);
    return [{ name, kind, isRepeatable: kind === 'migrate' || isSafe, files }];
  });
  const first = (kind: DataScript['kind']): DataScript[] =>
    all.filter((each) => each.kind === kind).slice(0, 1);
  return [...first('migrate'), ...first('seed')];
}

/** What a build depends on: everything written by hand at the top, except tests, documents and data. */
function buildSources(tree: Tree): string[] {
  const useless =
    /^(?:node_modules|dist|build|out|coverage|tests?|__tests__|docs?|e2e|integration|.*\.(?:md|db|sqlite3?|log|txt|tsbuildinfo)|\..*|shakedown\.config\..*|next-env\.d\.ts|LICENSE.*|Dockerfile.*|Procfile|Makefile|(?:docker-)?compose\.ya?ml)$/;
  return tree
    .names()
    .filter((name) => !useless.test(name) && (!tree.isFolder(name) || tree.files(/./, name).length > 0));
}

const ENTRIES = ['server', 'app', 'index', 'main', 'src/server', 'src/app', 'src/index', 'src/main'].flatMap(
  (name) => ['.js', '.mjs', '.cjs', '.ts'].map((ending) => name + ending),
);

function entryOf(manifest: Readonly<Record<string, unknown>>, tree: Tree): string | null {
  const main = typeof manifest.main === 'string' ? [manifest.main] : [];
  const serves = (path: string): boolean => tree.isFile(path) && serverSigns(tree.sources([path])).serves;
  return [...main, ...ENTRIES].find(serves) ?? null;
}

function addonOf(tree: Tree): NodeFacts['addon'] {
  if (!tree.has('binding.gyp')) return null;
  const built = ['build/Release', 'build/Debug', 'prebuilds'].some((dir) => tree.names(dir).length > 0);
  const sources = tree.files(/^binding\.gyp$|\.(?:c|cc|cpp|cxx|h|hpp)$/);
  return { isBuilt: built, sources };
}

/**
 * @param tree the folder of the package
 * @param top that of the project, where a monorepo has its lock file
 * @returns undefined if there is no readable `package.json`
 */
export function lookAtNode(tree: Tree, top: Tree, path: string | undefined): NodeFacts | undefined {
  if (!tree.isFile('package.json')) return undefined;
  const manifest = asObject(tree.json('package.json'));
  const scripts = textsOf(manifest.scripts);
  const { manager, file } = lockOf(tree, top, textsOf(manifest).packageManager);
  const written = tree.files(SOURCE);
  const inPackages = /^(?:packages|apps|services|examples)\//;
  const own = written.filter((file) => !isTest(file) && !(isMonorepo(top, tree) && inPackages.test(file)));
  // Files without an extension, such as bin/www.
  const started = Object.values(scripts)
    .flatMap((line) => namedFiles(line, tree))
    .filter((file) => !/\.\w{1,5}$/.test(file));
  const server: ServerSigns = serverSigns(tree.sources([...new Set([...own, ...started])]));
  const dependencies = { ...textsOf(manifest.dependencies), ...textsOf(manifest.devDependencies) };
  return {
    dir: relative(top.root, tree.root) || '.',
    name: typeof manifest.name === 'string' ? manifest.name : null,
    manager,
    hasManager: findProgram(manager.replace('-berry', ''), path) !== undefined,
    lockFile: file,
    installed: installedPackages(tree, top, manager, file, dependencies),
    scripts,
    dependencies: Object.keys(dependencies),
    server,
    entry: entryOf(manifest, tree),
    tests: testScripts(scripts, written.filter(isTest), tree),
    data: dataScripts(scripts, tree),
    sources: buildSources(tree),
    addon: addonOf(tree),
  };
}

const isMonorepo = (top: Tree, tree: Tree): boolean =>
  top.root === tree.root &&
  (top.isFile('pnpm-workspace.yaml') || asObject(top.json('package.json')).workspaces !== undefined);

/** The packages of a monorepo, by the patterns that its managers know. */
export function lookAtWorkspaces(top: Tree, path: string | undefined): NodeFacts[] {
  const { workspaces } = asObject(top.json('package.json'));
  const listed = Array.isArray(workspaces) ? workspaces : asObject(workspaces).packages;
  const pnpm = [...(top.text('pnpm-workspace.yaml') ?? '').matchAll(/^\s{0,8}- ['"]?([^'"#\s]+)/gm)].map(
    ([, each]) => each,
  );
  const patterns = [...(Array.isArray(listed) ? listed : []), ...pnpm].filter(
    (each) => typeof each === 'string',
  );
  return patterns
    .flatMap((pattern) => expand(pattern, top))
    .flatMap((dir) => lookAtNode(top.within(dir), top, path) ?? []);
}

/** `packages/*`, `packages/**` and plain folders: what workspaces are made of. */
function expand(pattern: string, top: Tree): string[] {
  const plain = pattern.replace(/^\.\/|\/$/g, '');
  if (plain.startsWith('!')) return [];
  if (!plain.includes('*')) return [plain];
  const parent = dirname(`${plain.slice(0, plain.indexOf('*'))}x`);
  return top
    .names(parent)
    .map((name) => join(parent, name))
    .filter((dir) => top.isFolder(dir));
}
