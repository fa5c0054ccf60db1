/** What a person names a package by: a folder, a packed tarball, or a name in the registry. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { err, ok, type Result } from '../domain/result.ts';
import type { ConsumerFailure } from './failure.ts';

export type PackageSpec =
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'tarball'; readonly path: string }
  /** `range`: an exact version, a range or a tag, as npm takes them. */
  | { readonly type: 'registry'; readonly name: string; readonly range: string };

const TARBALL = /\.(?:tgz|tar\.gz|tar)$/;
/** Written as a path, so that a spelling mistake in it is not looked up in a registry. */
const PATH = /^(?:\.{0,2}\/|\.{1,2}$|~\/)/;
/** The names that npm gives out today, and the old ones with capitals. */
const REGISTRY = /^((?:@[\w.~-]+\/)?[\w~-][\w.~-]*)(?:@(.+))?$/;

function fileSpec(text: string, path: string): Result<PackageSpec, ConsumerFailure> {
  if (!existsSync(path))
    return err({
      blame: 'spec',
      message: `${text} does not exist`,
      hint: 'name a folder with a package.json, a tarball, or a package such as express@5',
    });
  if (!statSync(path).isDirectory()) {
    if (TARBALL.test(path)) return ok({ type: 'tarball', path });
    return err({
      blame: 'spec',
      message: `${text} is neither a folder nor a tarball`,
      hint: 'pack it with npm pack, and name the .tgz file that this makes',
    });
  }
  if (!existsSync(join(path, 'package.json')))
    return err({
      blame: 'spec',
      message: `${text} has no package.json, so it is no package`,
      hint: 'name the folder that has one',
    });
  return ok({ type: 'folder', path });
}

/**
 * @param text as npm takes it: `.`, `./packages/a`, `a-1.0.0.tgz`, `express`, `express@5`, `@scope/name@1.2.3`
 * @param cwd absolute path that paths are relative to
 */
export function parseSpec(text: string, cwd: string): Result<PackageSpec, ConsumerFailure> {
  const path = resolve(cwd, text.startsWith('~/') ? join(process.env.HOME ?? '~', text.slice(2)) : text);
  if (PATH.test(text) || TARBALL.test(text)) return fileSpec(text, path);
  const [, name, range] = REGISTRY.exec(text) ?? [];
  if (name !== undefined) return ok({ type: 'registry', name, range: range ?? 'latest' });
  if (text !== '' && existsSync(path)) return fileSpec(text, path);
  return err({
    blame: 'spec',
    message: `${JSON.stringify(text)} is not the name of a package`,
    hint: 'name a folder with a package.json, a tarball, or a package such as express@5',
  });
}

/** Whether it always means the same package, whoever asks and when. */
export const isExact = (range: string): boolean => /^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/.test(range);
