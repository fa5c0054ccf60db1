/** Parses what the user names a package by: a folder, a tarball, or a name in the registry. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import npa from 'npm-package-arg';
import { valid } from 'semver';
import { err, ok, type Result } from '../core/result.ts';
import { shorten } from '../core/shorten.ts';
import type { ConsumerFailure } from './failure.ts';

export type PackageSpec =
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'tarball'; readonly path: string }
  /** `range`: a version, a range, a tag, or anything else that npm accepts after a name, such as `github:user/repository`. */
  | { readonly type: 'registry'; readonly name: string; readonly range: string };

const TARBALL = /\.(?:tgz|tar\.gz|tar)$/;
/** Text that is clearly a path, so that a typo in it is never looked up in a registry. */
const PATH = /^(?:\.{0,2}\/|\.{1,2}$|~\/)/;

/** In characters, of a text that a message quotes. */
const QUOTED = 100;

function fileSpec(given: string, path: string): Result<PackageSpec, ConsumerFailure> {
  const text = shorten(given, QUOTED);
  if (!existsSync(path))
    return err({
      blame: 'spec',
      message: `${text} does not exist`,
      hint: 'give a folder with a package.json, a tarball, or a package such as express@5',
    });
  if (!statSync(path).isDirectory()) {
    if (TARBALL.test(path)) return ok({ type: 'tarball', path });
    return err({
      blame: 'spec',
      message: `${text} is neither a folder nor a tarball`,
      hint: 'pack it with `npm pack`, and give the .tgz file that this makes',
    });
  }
  if (!existsSync(join(path, 'package.json')))
    return err({
      blame: 'spec',
      message: `${text} has no package.json, so it is not a package`,
      hint: 'give a folder that has one',
    });
  return ok({ type: 'folder', path });
}

/** In characters, of a name with its range. npm's registry has names of up to 214. */
const LONGEST = 500;

/** Undefined if npm rejects it. */
function readAsNpm(text: string, cwd: string): npa.Result | undefined {
  try {
    return npa(text, cwd);
  } catch {
    return undefined;
  }
}

/** Whether npm, too, would take it for a path and nothing else. */
const isPath = (text: string): boolean => PATH.test(text) || (TARBALL.test(text) && !text.includes(':'));

/** The path in `file:../a` and `a@file:../a`. */
const pathIn = ({ type, name, rawSpec, fetchSpec }: npa.Result): string | undefined =>
  (type === 'file' || type === 'directory') && (Boolean(name) || rawSpec.startsWith('file:'))
    ? (fetchSpec ?? undefined)
    : undefined;

/**
 * Reads paths itself and everything else as npm does. npm would take `#`, `?` and `%` in a path for parts of a URL, and
 * `packages/a` for a GitHub repository even if that folder exists.
 *
 * @param text as npm accepts it: `.`, `./packages/a`, `a-1.0.0.tgz`, `express`, `express@5`, `@scope/name@1.2.3`
 * @param cwd absolute path that relative paths start from
 */
export function parseSpec(text: string, cwd: string): Result<PackageSpec, ConsumerFailure> {
  const path = resolve(cwd, text.startsWith('~/') ? join(process.env.HOME ?? '~', text.slice(2)) : text);
  if (isPath(text)) return fileSpec(text, path);
  const read = readAsNpm(text, cwd);
  const file = read === undefined ? undefined : pathIn(read);
  if (file !== undefined) return fileSpec(text, file);
  // npm would take a leading dash for an option.
  if (read?.name && !text.startsWith('-') && text.length <= LONGEST) {
    const range = text.slice(read.name.length + 1).trim();
    return ok({ type: 'registry', name: read.name, range: range === '' ? 'latest' : range });
  }
  if (text !== '' && existsSync(path)) return fileSpec(text, path);
  const isAddress = text.includes(':') && read !== undefined;
  return err({
    blame: 'spec',
    message: `${JSON.stringify(shorten(text, QUOTED))} is not the name of a package`,
    hint: isAddress
      ? `make a tarball with npm pack ${shorten(text, QUOTED)}, and give that`
      : 'give a folder with a package.json, a tarball, or a package such as express@5',
  });
}

/** Whether it comes from a registry: a name with a version, a range or a tag, and no address behind it. */
export const isRegistered = (spec: PackageSpec): spec is Extract<PackageSpec, { type: 'registry' }> =>
  spec.type === 'registry' && !/[:/]/.test(spec.range);

/** Whether it always resolves to the same version: `1.2.3`, and `v1.2.3` or `=1.2.3`, which mean the same to npm. */
export const isExact = (range: string): boolean => valid(range, { loose: true }) !== null;
