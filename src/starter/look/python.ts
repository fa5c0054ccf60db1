/** What a Python project reveals: its environment, its app, its tests. */
import { execFileSync } from 'node:child_process';
import { delimiter, isAbsolute, join, relative, resolve } from 'node:path';
import { findProgram } from '../../files/find-program.ts';
import type { DataScript, Installed, PythonApp, PythonFacts } from '../facts.ts';
import { isIgnored } from './ignored.ts';
import { isRepeatable, serverSigns, testSigns } from './signs.ts';
import type { Source, Tree } from './tree.ts';

/** Judged by its folder, or by its name, as pytest, unittest and Django do. */
function isTest({ path }: Source): boolean {
  const folders = path.split('/');
  const name = folders.pop()?.replace(/\.py$/, '') ?? '';
  if (folders.some((folder) => folder === 'test' || folder === 'tests')) return true;
  return name.startsWith('test_') || name.endsWith('_test') || name === 'tests' || name === 'conftest';
}

const SERVERS = ['gunicorn', 'uvicorn', 'hypercorn', 'waitress'];

/** The same name for a distribution, however it is spelt. */
const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

interface Requirement {
  readonly name: string;
  /** If only one exact version will do. */
  readonly version: string | null;
}

function requirement(text: string): Requirement[] {
  const [, name] = /^\s{0,40}([A-Za-z0-9][\w.-]{0,100})/.exec(text) ?? [];
  if (name === undefined) return [];
  // One with a marker may be for another system.
  if (/;/.test(text)) return [];
  const [, version] = /==\s?([\w.+!-]{1,40})\s{0,40}(?:#|$)/.exec(text) ?? [];
  return [{ name: normal(name), version: version ?? null }];
}

function fromRequirements(file: string, tree: Tree, seen: readonly string[] = []): Requirement[] {
  if (seen.includes(file)) return [];
  return (tree.text(file) ?? '').split(/\r?\n/).flatMap((line) => {
    const [, other] = /^-r\s?(\S+)/.exec(line) ?? [];
    if (other !== undefined) return fromRequirements(other, tree, [...seen, file]);
    return /^\s*(?:#|-)/.test(line) ? [] : requirement(line);
  });
}

/** The part of a TOML file below one heading. */
function section(text: string, heading: string): string {
  const lines = text.split(/\r?\n/);
  const from = lines.findIndex((line) => line.trim() === `[${heading}]`);
  if (from === -1) return '';
  const rest = lines.slice(from + 1);
  const to = rest.findIndex((line) => /^\[/.test(line));
  return rest.slice(0, to === -1 ? undefined : to).join('\n');
}

/** The strings of a TOML list. */
function listIn(text: string, key: string): string[] {
  const from = text.search(new RegExp(`^${key}\\s?=\\s?\\[`, 'm'));
  if (from === -1) return [];
  const rest = text.slice(text.indexOf('[', from) + 1);
  const list = rest.slice(0, rest.search(/^\s{0,8}\]|\]\s{0,8}$/m));
  return [...list.matchAll(/"([^"\n]{1,200})"|'([^'\n]{1,200})'/g)].map(([, a, b]) => a ?? b ?? '');
}

const TEST_GROUPS = ['test', 'tests', 'dev', 'testing'];

function fromPyproject(text: string): Requirement[] {
  const project = listIn(section(text, 'project'), 'dependencies');
  const groups = ['project.optional-dependencies', 'dependency-groups'].flatMap((heading) =>
    TEST_GROUPS.flatMap((group) => listIn(section(text, heading), group)),
  );
  const poetry = [
    'tool.poetry.dependencies',
    'tool.poetry.group.dev.dependencies',
    'tool.poetry.group.test.dependencies',
  ];
  const keys = poetry.flatMap((heading) =>
    section(text, heading)
      .split('\n')
      .map((line) => line.split('=')[0] ?? ''),
  );
  return [...project, ...groups, ...keys.filter((key) => key.trim() !== 'python')].flatMap(requirement);
}

/** The distributions of an environment, with their versions. */
type Distributions = ReadonlyMap<string, string>;

/** The project's files must not shadow Python's own modules. */
const LISTING = `import sys
sys.path[:] = [p for p in sys.path if p]
import importlib.metadata as m
for d in m.distributions(): print(d.metadata["Name"], d.version)`;
const LIST_WITHIN = 20_000;

/** @returns an empty map if the interpreter cannot list them */
function distributions(interpreter: string, tree: Tree): Distributions {
  try {
    const listed = execFileSync(interpreter, ['-c', LISTING], {
      cwd: tree.root,
      encoding: 'utf8',
      timeout: LIST_WITHIN,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return new Map(
      listed.split('\n').flatMap((line): [string, string][] => {
        const [name, version] = line.split(' ');
        return name === undefined || version === undefined ? [] : [[normal(name), version]];
      }),
    );
  } catch {
    return new Map();
  }
}

function installed(needed: readonly Requirement[], there: Distributions, hasVenv: boolean): Installed {
  for (const { name, version } of needed) {
    const found = there.get(name);
    if (found === undefined)
      return hasVenv ? { state: 'differs', why: `${name} is not installed` } : { state: 'missing' };
    if (version !== null && found !== version)
      return { state: 'differs', why: `${name} is ${found}, and ${version} is asked for` };
  }
  return { state: 'matches' };
}

/** Where an app usually is. */
const PLACES = ['wsgi', 'asgi', 'app', 'main', 'server', 'api', '__init__'];
const byPlace = (a: Source, b: Source): number => placeOf(a) - placeOf(b) || a.path.length - b.path.length;
function placeOf({ path }: Source): number {
  const at = PLACES.findIndex((place) => path.endsWith(`${place}.py`));
  return at === -1 ? PLACES.length : at;
}

const APP = /^(\w{1,40})(?::\s?\w{1,40})?\s?=\s?(?:\w{1,40}\.)?(Flask|FastAPI|Starlette|Quart|Litestar)\(/m;
const FACTORY = /^def ((?:create|make|build)_app)\(/m;
const FRAMEWORKS: Readonly<Record<string, PythonApp['framework']>> = { Flask: 'flask', FastAPI: 'fastapi' };

function appIn(source: Source, usesFlask: boolean): Omit<PythonApp, 'module' | 'folder'> | undefined {
  const { text, path } = source;
  const [, variable, name] = APP.exec(text) ?? [];
  if (variable !== undefined && name !== undefined)
    return { framework: FRAMEWORKS[name] ?? 'asgi', variable, isFactory: false };
  const [, plain] = /^(application|app)\s?=/m.exec(text) ?? [];
  if (plain !== undefined && /(?:^|\/)wsgi\.py$/.test(path))
    return { framework: 'wsgi', variable: plain, isFactory: false };
  if (plain !== undefined && /(?:^|\/)asgi\.py$/.test(path))
    return { framework: 'asgi', variable: plain, isFactory: false };
  const [, wsgi] = /^def (\w{1,40})\(environ\b/m.exec(text) ?? [];
  if (wsgi !== undefined) return { framework: 'wsgi', variable: wsgi, isFactory: false };
  const [, asgi] = /^async def (\w{1,40})\(scope\b/m.exec(text) ?? [];
  if (asgi !== undefined) return { framework: 'asgi', variable: asgi, isFactory: false };
  const [, factory] = FACTORY.exec(text) ?? [];
  return factory === undefined || !usesFlask
    ? undefined
    : { framework: 'flask', variable: factory, isFactory: true };
}

function moduleOf(path: string, tree: Tree): Pick<PythonApp, 'module' | 'folder'> {
  const isSource = path.startsWith('src/') && !tree.isFile('src/__init__.py');
  const inner = isSource ? path.slice('src/'.length) : path;
  const module = inner.replace(/(?:\/__init__)?\.py$/, '').replaceAll('/', '.');
  return { module, folder: isSource ? 'src' : null };
}

function appOf(sources: readonly Source[], tree: Tree): PythonApp | null {
  if (tree.isFile('manage.py'))
    return { framework: 'django', module: 'manage.py', variable: '', isFactory: false, folder: null };
  const usesFlask = sources.some(({ text }) => /\bFlask\(/.test(text));
  for (const source of [...sources].sort(byPlace)) {
    const app = appIn(source, usesFlask);
    if (app !== undefined) return { ...app, ...moduleOf(source.path, tree) };
  }
  const script = [...sources]
    .sort(byPlace)
    .find(({ text }) => /\bserve_forever\(|\brun_app\(|\bapp\.run\(/.test(text));
  return script === undefined
    ? null
    : { framework: 'script', module: script.path, variable: '', isFactory: false, folder: null };
}

const DATA_FOLDER = /^(?:scripts|bin|db|tools)\//;
const MIGRATE =
  /^(?:migrate|migrations?|migrate_?db|db_?migrate|(?:init|create|setup)_?db|create_tables)\.py$/;
const SEED = /^(?:seeds?|seed_?(?:db|data)|db_?seed|load_fixtures)\.py$/;
/** Code that does something when run, instead of only defining it. */
const RUNS = /^(?:if __name__\b|with |for |\w[\w.]{0,80}\()/m;

/** Scripts that prepare a database, the schema before the rows. */
function dataOf(sources: readonly Source[]): DataScript[] {
  const scripts = sources.filter(({ text }) => RUNS.test(text));
  return (['migrate', 'seed'] as const).flatMap((kind) => {
    const names = kind === 'migrate' ? MIGRATE : SEED;
    const found = scripts.find(({ path }) => names.test(path.replace(DATA_FOLDER, '')));
    return found === undefined
      ? []
      : [{ name: found.path, kind, isRepeatable: isRepeatable(found.text), files: [found.path] }];
  });
}

function migrationsOf(app: PythonApp | null, tree: Tree): PythonFacts['migrations'] {
  if (app?.framework === 'django') return 'django';
  // Flask-Migrate keeps Alembic's file in a folder of its own.
  if (app?.framework === 'flask' && tree.isFile('migrations/alembic.ini')) return 'flask-migrate';
  return tree.isFile('alembic.ini') ? 'alembic' : null;
}

function extensionOf(pyproject: string, setup: string): PythonFacts['extension'] {
  const [, backend = ''] = /^build-backend\s?=\s?["']([\w.]{1,80})["']/m.exec(pyproject) ?? [];
  if (backend === 'maturin') return 'maturin';
  if (backend === 'mesonpy') return 'meson';
  return /\bExtension\(|\bext_modules\b|\bcffi_modules\b/.test(setup) ||
    /^\s?ext-modules\b|\[\[tool\.setuptools\.ext-modules\]\]/m.test(pyproject)
    ? 'setuptools'
    : null;
}

function testsOf(
  tests: readonly Source[],
  wantsPytest: boolean,
  isListed: boolean,
  isDjango: boolean,
): PythonFacts['tests'] {
  const isCommon = ({ path }: Source): boolean => path.endsWith('conftest.py');
  const cases = tests.filter(
    (source) => !isCommon(source) && /^\s{0,8}(?:async )?def test/m.test(source.text),
  );
  if (cases.length === 0) return null;
  const signs = testSigns(cases, tests.filter(isCommon));
  const folders = [
    ...new Set(cases.map(({ path }) => (path.includes('/') ? (path.split('/')[0] ?? '') : ''))),
  ];
  const folder = folders.length === 1 && folders[0] !== '' ? (folders[0] ?? null) : null;
  const usesPytest = wantsPytest || tests.some(({ text }) => /^(?:import|from) pytest\b/m.test(text));
  if (isDjango && !usesPytest) return { runner: 'django', isAsked: true, folder, signs };
  const areClasses = cases.every(({ text }) => /\bTestCase\b/.test(text));
  return { runner: usesPytest || !areClasses ? 'pytest' : 'unittest', isAsked: isListed, folder, signs };
}

/** The name of the distribution that the project itself makes. */
const ownName = (pyproject: string, setup: string): string | undefined => {
  const [, named] = /^name\s?=\s?["']([\w.-]{1,100})["']/m.exec(section(pyproject, 'project')) ?? [];
  return named ?? /\bname\s?=\s?["']([\w.-]{1,100})["']/.exec(setup)?.[1];
};

const COMPILED = /\.(?:c|cc|cpp|h|hpp|pyx|pxd|rs)$/;

/**
 * What an extension is compiled from, and by. Setuptools puts its output among the sources, so only files with the
 * extensions of sources count in folders.
 */
function extensionSources(tree: Tree, extension: PythonFacts['extension']): string[] {
  const named = ['rust', 'Cargo.toml', 'meson.build', 'pyproject.toml', 'setup.py', 'setup.cfg'];
  const folders = (extension === 'setuptools' ? named : ['src', ...named]).filter((name) => tree.has(name));
  const files = tree
    .files(COMPILED)
    .filter((file) => folders.every((folder) => !file.startsWith(`${folder}/`)))
    .map((file) => file.replace(/^([^/]+)\/.*(\.\w+)$/, '$1/**/*$2'));
  return [...folders, ...new Set(files)];
}

function searchedIn(pythonPath: string, tree: Tree): PythonFacts['searched'] {
  const folders = pythonPath.split(delimiter).filter((folder) => folder !== '');
  const places = folders.map((folder) => relative(tree.root, resolve(tree.root, folder)) || '.');
  const isForeign = (place: string): boolean => place.startsWith('..') || isAbsolute(place);
  return {
    own: places.filter((place) => !isForeign(place)),
    foreign: folders.filter((_, at) => isForeign(places[at] ?? '')),
  };
}

const MANIFESTS = [
  'pyproject.toml',
  'setup.py',
  'setup.cfg',
  'requirements.txt',
  'manage.py',
  'Pipfile',
  'pytest.ini',
];

/** @returns undefined if there is no sign of Python */
export function lookAtPython(tree: Tree, path: string | undefined, pythonPath = ''): PythonFacts | undefined {
  const files = tree.files(/\.py$/);
  const isProject = tree.first(...MANIFESTS) !== undefined;
  if (!isProject && !files.some((file) => !file.includes('/'))) return undefined;
  const sources = tree.sources(files);
  const tests = sources.filter(isTest);
  const own = sources.filter((source) => !isTest(source));
  const pyproject = tree.text('pyproject.toml') ?? '';
  const setup = tree.text('setup.py') ?? '';
  const lists = tree.names().filter((name) => /^requirements[\w.-]{0,40}\.txt$/.test(name));
  const app = appOf(own, tree);
  if (!isProject && app === null && tests.length === 0) return undefined;
  const needs = [...lists.flatMap((file) => fromRequirements(file, tree)), ...fromPyproject(pyproject)];
  const isListed = needs.some(({ name }) => name === 'pytest');
  const wantsPytest =
    isListed ||
    /\[tool\.pytest/.test(pyproject) ||
    tree.has('pytest.ini') ||
    tests.some((each) => each.path.endsWith('conftest.py'));
  const found = testsOf(tests, wantsPytest, isListed, app?.framework === 'django');
  const extension = extensionOf(pyproject, setup);
  const venv = ['.venv', 'venv', 'env'].find((name) => tree.isFile(join(name, 'bin/python'))) ?? null;
  const interpreter =
    venv === null ? ['python3', 'python'].find((name) => findProgram(name, path)) : `${venv}/bin/python`;
  const modules = extension === null ? [] : tree.files(/\.(?:so|pyd)$/);
  const itself = extension === null || modules.length > 0 ? undefined : ownName(pyproject, setup);
  const all = [
    ...needs,
    ...(found?.runner === 'pytest' ? [{ name: 'pytest', version: null }] : []),
    ...(itself === undefined ? [] : [{ name: normal(itself), version: null }]),
  ];
  const there =
    interpreter === undefined || (all.length === 0 && app === null && extension === null)
      ? new Map<string, string>()
      : distributions(venv === null ? interpreter : tree.path(interpreter), tree);
  const names = [...new Set(all.map(({ name }) => name))];
  return {
    interpreter: interpreter ?? null,
    venv,
    requirements: [
      ...lists,
      ...['uv.lock', 'poetry.lock', 'pyproject.toml', 'setup.py'].filter((file) => tree.isFile(file)),
    ],
    tool: tree.isFile('uv.lock') ? 'uv' : tree.isFile('poetry.lock') ? 'poetry' : 'pip',
    dependencies: names,
    installed: installed(all, there, venv !== null),
    app,
    server: serverSigns(own),
    servers: SERVERS.filter((name) => there.has(name) || names.includes(name)),
    tests: found,
    extra:
      TEST_GROUPS.find(
        (group) => listIn(section(pyproject, 'project.optional-dependencies'), group).length > 0,
      ) ?? null,
    searched: searchedIn(pythonPath, tree),
    isPackage: section(pyproject, 'project') !== '' || setup !== '',
    extension,
    ignoredModule: modules.find((file) => isIgnored(file, tree)) ?? null,
    buildsInPlace: setup !== '' && extension === 'setuptools' && there.has('setuptools'),
    migrations: migrationsOf(app, tree),
    data: dataOf(own),
    sources: extension === null ? [] : extensionSources(tree, extension),
  };
}
