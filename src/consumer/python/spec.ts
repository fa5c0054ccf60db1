/** Parses what the user names a Python package by: a folder, a wheel, an sdist, or a name in the index. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { err, ok, type Result } from '../../core/result.ts';
import { readJson } from '../../files/read-json.ts';
import type { ConsumerFailure } from '../failure.ts';

export type PythonSpec =
  | { readonly type: 'folder' | 'wheel' | 'sdist'; readonly path: string }
  /** `version`: a specifier such as `==1.2`; empty: the newest. */
  | { readonly type: 'index'; readonly name: string; readonly version: string };

type Parsed = Result<PythonSpec, ConsumerFailure>;

const PREFIX = 'pypi:';
const PATH = /^(?:\.{0,2}\/|\.{1,2}$|~\/)/;
/** `attrs`, `attrs@23.1`, `attrs==23.1`, `attrs>=22,<24` */
const NAMED = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(@[\w.!+-]+|(?:[=<>!~]=?=?[\w.*!+,<>=~ -]+))?$/;
/** A table that says how a package is made, or what it is. */
const MAKES_A_PACKAGE = /^\[(?:project|build-system|tool\.(?:poetry|flit\.metadata))\]/m;

const HINT = 'give a folder with a pyproject.toml, a wheel, an sdist, or a name such as pypi:attrs@23.1';

const fault = (message: string, hint = HINT): Parsed => err({ blame: 'spec', message, hint });

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const isPythonFolder = (folder: string): boolean =>
  MAKES_A_PACKAGE.test(readText(join(folder, 'pyproject.toml'))) || existsSync(join(folder, 'setup.py'));

/** Whether npm could publish it: what is private is there for tools. */
function isForNpm(folder: string): boolean {
  const manifest = readJson<{ private?: unknown; name?: unknown }>(join(folder, 'package.json'));
  return manifest !== undefined && manifest !== null && manifest.private !== true && 'name' in manifest;
}

const BLOCK = 512;
/** The name of the first file tells: sdists have their folder, and npm's tarballs `package/`. */
function isSdist(path: string): boolean {
  try {
    const tar = gunzipSync(readFileSync(path));
    for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
      const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
      if (/^[^/]+\/PKG-INFO$/.test(name)) return true;
      const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8);
      if (Number.isNaN(size)) return false;
      at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    }
  } catch {
    // What cannot be read is reported by whoever installs it.
  }
  return false;
}

function atPath(text: string, path: string): Parsed {
  if (!existsSync(path)) return fault(`${text} does not exist`);
  if (statSync(path).isDirectory())
    return isPythonFolder(path)
      ? ok({ type: 'folder', path })
      : fault(`${text} has no pyproject.toml that makes a package of it`);
  if (path.endsWith('.whl')) return ok({ type: 'wheel', path });
  return path.endsWith('.tar.gz') && isSdist(path)
    ? ok({ type: 'sdist', path })
    : fault(`${text} is neither a folder nor a wheel nor an sdist`);
}

function named(text: string, name: string): Parsed {
  const [, project, version = ''] = NAMED.exec(name) ?? [];
  if (project === undefined) return fault(`${JSON.stringify(text)} is not the name of a package`);
  return ok({ type: 'index', name: project, version: version.replace(/^@/, '==').replaceAll(' ', '') });
}

/** Which package of a folder that has both is meant cannot be known. */
const both = (text: string): Parsed =>
  fault(
    `${text} has a package for npm and one for Python`,
    `${PREFIX}${text} tries the one for Python; for the other, pack it with npm pack, and give the .tgz file that this makes`,
  );

/**
 * @param text `pypi:NAME`, `pypi:NAME==VERSION`, `pypi:NAME@VERSION`, or a path, with or without `pypi:`
 * @param cwd absolute path that relative paths start from
 * @returns undefined if it does not name a package for Python
 */
export function parsePythonSpec(text: string, cwd: string): Parsed | undefined {
  const isMarked = text.startsWith(PREFIX);
  const rest = isMarked ? text.slice(PREFIX.length) : text;
  const path = resolve(cwd, rest.startsWith('~/') ? join(process.env.HOME ?? '~', rest.slice(2)) : rest);
  const isFile = /\.(?:whl|tar\.gz)$/.test(rest) && !rest.includes(':');
  if (isMarked) return PATH.test(rest) || isFile ? atPath(rest, path) : named(text, rest);
  if (rest.endsWith('.whl') && isFile) return atPath(text, path);
  if (isFile) return isSdist(path) ? ok({ type: 'sdist', path }) : undefined;
  const isFolder = PATH.test(rest) && existsSync(path) && statSync(path).isDirectory();
  if (!isFolder || !isPythonFolder(path)) return undefined;
  return isForNpm(path) ? both(text) : ok({ type: 'folder', path });
}
