/** A folder of scripts by convention: which of them can be used, and what of the project they use. */
import { dirname, join } from 'node:path';
import { interpreterLine, whyNotRunnable } from '../../files/runnable.ts';
import { runtimeOf } from '../../kinds/common/unheard.ts';
import type { ScriptFolder } from '../facts.ts';
import { isIgnored } from './ignored.ts';
import { asObject, type Source, type Tree, textsOf } from './tree.ts';

const SCRIPTS = ['setup', 'thread', 'http', 'client', 'init', 'teardown'];
const SAMPLES = ['typestubs.py', 'typestubs.ts'];

const NODE_IMPORT = /(?:\bfrom|\bimport|\brequire\(|\bimport\()\s{0,4}['"]([^'"\n]{1,200})['"]/g;
const PYTHON_IMPORT = /^\s{0,40}(?:import|from)\s{1,4}([A-Za-z_]\w{0,80})/gm;

const specifiersIn = ({ text }: Source): string[] =>
  [...text.matchAll(NODE_IMPORT)].flatMap(([, specifier = '']) => specifier);

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Paths within the project, but outside the folder, that its files import or call; `.` is the package itself. */
function reachedBy(files: readonly Source[], dir: string): string[] {
  const found = files.flatMap((file) => {
    const called = (file.text.match(/[\w./-]+/g) ?? []).flatMap((word) => {
      const at = word.indexOf('../');
      return at !== -1 && /\.[cm]?js$/.test(word) ? word.slice(at) : [];
    });
    const imported = specifiersIn(file).filter((specifier) => /^\.\.(?:\/|$)/.test(specifier));
    return [...imported, ...called].map((path) => join(dirname(file.path), path).replace(/\/$/, ''));
  });
  const isForeign = /^(?:\.\.|node_modules)(?:\/|$)/;
  return [...new Set(found)].filter((path) => !isForeign.test(path) && !path.startsWith(`${dir}/`));
}

/** The files that an entry point names, for all its conditions, without patterns. */
function targetsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.includes('*') ? [] : [join(value)];
  return Object.values(asObject(value)).flatMap(targetsIn);
}

const ENDINGS = ['', '.js', '.cjs', '.mjs', '.json', '.node', '.ts', '.tsx', '/index.js', '/index.ts'];

/** An import in TypeScript may name the file that will be compiled from it. */
const isThere = (path: string, tree: Tree): boolean =>
  tree.isFile(path.replace(/\.([cm]?)js$/, '.$1ts')) ||
  ENDINGS.some((ending) => tree.isFile(`${path}${ending}`));

const MADE = /^(?:dist|build|out|lib|esm|cjs|es|pkg)(?:\/|$)/;

/** The first of these that a build makes, so that a clone does not have it. */
function builtOf(paths: readonly string[], tree: Tree): ScriptFolder['built'] {
  const missing = paths.find(
    (path) => MADE.test(path) && !isThere(path, tree) && tree.names(path).length === 0,
  );
  if (missing !== undefined) return { path: missing, isThere: false };
  const ignored = paths.find((path) => isIgnored(path, tree));
  return ignored === undefined ? null : { path: ignored, isThere: true };
}

function usesOf(tree: Tree, dir: string): Pick<ScriptFolder, 'imports' | 'usesPackage' | 'built'> {
  const files = tree.sources(tree.files(/./, dir));
  const names = files.flatMap(specifiersIn).filter((specifier) => !/^[./]/.test(specifier));
  const modules = files.flatMap(({ text }) =>
    [...text.matchAll(PYTHON_IMPORT)].flatMap(([, module = '']) => module),
  );
  const imports = [...new Set([...names.map(packageOf), ...modules])];
  const manifest = asObject(tree.json('package.json'));
  const { name } = textsOf(manifest);
  const reached = reachedBy(files, dir);
  const isImported = reached.includes('.') || (name !== undefined && imports.includes(name));
  const usesPackage = tree.isFile('package.json') && (isImported || reached.length > 0);
  if (!usesPackage) return { imports, usesPackage, built: null };
  const { main, module, exports, bin } = manifest;
  const entries = isImported ? [main, module, exports, bin].flatMap(targetsIn) : [];
  const addon = tree.has('binding.gyp') ? ['build'] : [];
  const paths = [...reached.filter((path) => path !== '.'), ...entries, ...addon];
  return { imports, usesPackage, built: builtOf(paths, tree) };
}

/** @returns null if the folder does not exist or contains none of them */
export function lookAtScripts(tree: Tree, dir: string): ScriptFolder | null {
  const there = [...SCRIPTS, ...SAMPLES].filter((name) => tree.isFile(`${dir}/${name}`));
  if (there.length === 0) return null;
  const broken = there.flatMap((name) => {
    if (!SCRIPTS.includes(name)) return [];
    const reason = whyNotRunnable(tree.path(dir, name), `${dir}/${name}`);
    return reason === undefined ? [] : [{ name, reason }];
  });
  const sample = SAMPLES.find((name) => there.includes(name));
  const usable = there.filter((name) => broken.every((each) => each.name !== name));
  const plain = dir.replace(/^\.\/|\/$/g, '');
  return {
    dir: plain,
    files: usable.filter((name) => !SAMPLES.includes(name) || name === sample),
    unusable: broken.map(({ reason }) =>
      reason.hint === undefined ? reason.message : `${reason.message}: ${reason.hint}`,
    ),
    thread: usable.includes('thread') ? runtimeOf(interpreterLine(tree.path(dir, 'thread'))) : null,
    hasOwnBin: tree.isFolder(`${dir}/node_modules/.bin`),
    ...usesOf(tree, plain),
  };
}
