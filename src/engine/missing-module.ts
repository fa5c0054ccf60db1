/** A module of the project that a component did not find: usually it has not been built or installed yet. */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Finding } from '../core/finding.ts';
import { readJson } from '../files/read-json.ts';

interface Manifest {
  readonly name?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const NOT_FOUND = /Cannot find (?:module|package) '([^'\n]{1,400})'/;
const NO_BINDINGS = /Could not locate the bindings file|No native build was found/;
const NO_MODULE = /ModuleNotFoundError: No module named '([\w.]{1,200})'/;
/** Folders that a build fills, relative to the project. */
const MADE = /^(?:dist|build|out|lib|esm|cjs|es|pkg)(?:\/|$)/;

const MANAGERS = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
] as const;

const managerOf = (root: string): string =>
  MANAGERS.find(([file]) => existsSync(join(root, file)))?.[1] ?? 'npm';

function textOf(root: string, file: string): string {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch {
    return '';
  }
}

/** Whether a specifier, or the path that Node resolved it to, is something that the project builds. */
function isBuilt(wanted: string, root: string, { name }: Manifest): boolean {
  if (name !== undefined && (wanted === name || wanted.startsWith(`${name}/`))) return true;
  const inside = wanted.replace(/^(?:\.\.(?:\/|$))+/, '');
  if (inside !== wanted) return inside === '' || MADE.test(inside);
  return wanted.startsWith('/') && MADE.test(relative(root, wanted));
}

function nodeHint(text: string, root: string): string | undefined {
  const manifest = readJson<Manifest>(join(root, 'package.json'));
  if (manifest === undefined) return undefined;
  const wanted = NOT_FOUND.exec(text)?.[1];
  const manager = managerOf(root);
  if (NO_BINDINGS.test(text) || (wanted !== undefined && isBuilt(wanted, root, manifest))) {
    const script = ['build', 'compile', 'prepare'].find((each) => manifest.scripts?.[each] !== undefined);
    if (script !== undefined) return `the project has to be built first: ${manager} run ${script}`;
    return existsSync(join(root, 'binding.gyp'))
      ? `the project has to be built first: ${manager} install`
      : undefined;
  }
  const isDeclared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).some(
    (each) => wanted === each || wanted?.startsWith(`${each}/`) === true,
  );
  return isDeclared ? `its packages have to be installed first: ${manager} install` : undefined;
}

/** The name of a distribution may be spelt in several ways. */
const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

function pythonHint(text: string, root: string): string | undefined {
  const [module] = NO_MODULE.exec(text)?.[1]?.split('.') ?? [];
  if (module === undefined) return undefined;
  const manifest = `${textOf(root, 'pyproject.toml')}\n${textOf(root, 'setup.py')}`;
  const named = [...manifest.matchAll(/\bname\s?=\s?["']([\w.-]{1,100})["']/g)].map(([, name = '']) => name);
  const places = [module, `src/${module}`, `${module}.py`, `src/${module}.py`];
  const isOwn =
    manifest.trim() !== '' &&
    (named.some((name) => normal(name) === normal(module)) ||
      places.some((place) => existsSync(join(root, place))));
  if (isOwn) return 'the project has to be installed first: python3 -m pip install -e .';
  const isListed = textOf(root, 'requirements.txt')
    .split('\n')
    .some((line) => normal(/^\s?([\w.-]{1,100})/.exec(line)?.[1] ?? '') === normal(module));
  return isListed
    ? 'its packages have to be installed first: python3 -m pip install -r requirements.txt'
    : undefined;
}

/** The folder that a command runs in, perhaps with extras: `.[test]`. */
const FOLDER = /^['"]?\.(?:\[[^\]]*\])?['"]?$/;

/** Whether a command installs the package in its folder. */
function installsItself(command: string): boolean {
  return command.split(/[&;|]/).some((part) => {
    const words = part.trim().split(/\s+/);
    const pip = words.findIndex((word, at) => /\bpip3?$/.test(word) && words[at + 1] === 'install');
    return pip !== -1 && words.slice(pip + 2).some((word) => FOLDER.test(word));
  });
}

/** Why a module is not found although the setup installed the project. */
function installedHint(text: string, root: string, ran: readonly string[]): string | undefined {
  const install = ran.find((command) => installsItself(command));
  const [module] = NO_MODULE.exec(text)?.[1]?.split('.') ?? [];
  if (install === undefined || module === undefined) return undefined;
  const shadow = [`src/${module}`, module].find((place) => existsSync(join(root, place)));
  if (shadow !== undefined && !/\s(?:-e|--editable)\s/.test(install))
    return `the setup has installed the project, but ${shadow}/ is found before what was installed, and nothing was compiled there: install it as it lies there, by pip install -e .`;
  return 'the setup has installed the project, but for another interpreter than the one that looked for it, or without this module';
}

/** A hint ends with a command; if the setup has already run that, it says so instead. */
function afterSetup(hint: string, ran: readonly string[]): string {
  const command = hint.slice(hint.indexOf(': ') + 2);
  return ran.some((each) => each.includes(command))
    ? `the setup has run ${command}, and this is still not found: look at what that makes, and where`
    : `${hint} (as a setup step it is done by itself; \`shakedown new\` writes one)`;
}

/**
 * @param root of the suite, an absolute path
 * @param ran the commands of the setup, as they are shown
 * @returns the finding, with a hint: the command that makes the module, if the project shows which; or why it did not help,
 *   if the setup has already run it
 */
export function withMissingModule(finding: Finding, root: string, ran: readonly string[] = []): Finding {
  if (finding.hint !== undefined || !/not.find|No module named|not locate|No native/.test(finding.message))
    return finding;
  const evidence = 'evidence' in finding ? (finding.evidence ?? []) : [];
  const text = [finding.message, ...evidence].join('\n');
  const hint = nodeHint(text, root);
  if (hint !== undefined) return { ...finding, hint: afterSetup(hint, ran) };
  const python = pythonHint(text, root);
  if (python === undefined) return finding;
  return { ...finding, hint: installedHint(text, root, ran) ?? afterSetup(python, ran) };
}
