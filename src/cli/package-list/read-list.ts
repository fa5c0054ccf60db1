/** A list of packages: a file with one on each line. */
import { resolve } from 'node:path';
import type { Diagnostic, Location } from '../../core/diagnostic.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { plural } from '../../core/units.ts';
import { readUpTo } from '../../files/read-bounded.ts';
import { isRegistered, parseTriedSpec, type TriedSpec } from '../tried-package.ts';

/** A package of a list. */
export interface Listed {
  /** As it was written; unique in its list. */
  readonly name: string;
  readonly spec: TriedSpec;
}

export interface PackageList {
  readonly packages: readonly Listed[];
  /** What is said about it: lines that name a package once more. */
  readonly remarks: readonly string[];
}

/** A list that is larger is no list that somebody has written. */
const MOST = 10_000;

interface Line {
  readonly text: string;
  readonly location: Location;
}

/** Without comments: a `#` within a word, as in `name@github:user/repository#branch`, begins none. */
function linesOf(content: string, file: string): Line[] {
  return content.split(/\r?\n/).flatMap((whole, index) => {
    const [text = ''] = whole.split(/(?:^|\s)#/, 1);
    const word = text.trim();
    const column = whole.indexOf(word) + 1;
    const location = { file, line: index + 1, column, length: word.length, text: whole };
    return word === '' ? [] : [{ text: word, location }];
  });
}

/**
 * @param file as the user named it, for messages
 * @param cwd absolute path that folders and tarballs are relative to
 * @returns the packages, each once, in their order; or everything that is wrong with the list
 */
export function parseList(content: string, file: string, cwd: string): Result<PackageList, Diagnostic[]> {
  const packages = new Map<string, Listed & { readonly line: number }>();
  const remarks: string[] = [];
  const wrong: Diagnostic[] = [];
  for (const { text, location } of linesOf(content, file)) {
    const known = packages.get(text);
    if (known !== undefined) {
      remarks.push(`${file}:${location.line}: ${text} is in line ${known.line} already, and is tried once`);
      continue;
    }
    const spec = parseTriedSpec(text, cwd);
    if (spec.ok) packages.set(text, { name: text, spec: spec.value, line: location.line });
    else
      wrong.push({
        message: spec.error.message,
        ...(spec.error.hint === undefined ? {} : { hint: spec.error.hint }),
        location,
      });
  }
  if (wrong.length > 0) return err(wrong);
  if (packages.size === 0)
    return err([
      {
        message: `there is no package in ${file}`,
        hint: 'write one on each line, such as express@5 or pypi:attrs',
      },
    ]);
  if (packages.size > MOST)
    return err([
      { message: `${file} has ${plural(packages.size, 'package')}, at most ${MOST}`, hint: 'divide it' },
    ]);
  const all = [...packages.values()].map(({ name, spec }) => ({ name, spec }));
  return ok({ packages: all, remarks });
}

/** In bytes: what is longer is no list that somebody has written, or has no end at all. */
const LONGEST = 16 * 1024 * 1024;

export function readList(file: string, cwd: string): Result<PackageList, Diagnostic[]> {
  try {
    const content = readUpTo(resolve(cwd, file), LONGEST, true);
    if (content !== undefined) return parseList(content.toString(), file, cwd);
    const message = `${file} is no list of packages: it has more than ${LONGEST / 1024 ** 2} MB`;
    return err([{ message, hint: 'give a file with one package on each line' }]);
  } catch (error) {
    const message = `the list of packages cannot be read: ${(error as Error).message}`;
    return err([{ message, hint: 'give a file with one package on each line' }]);
  }
}

/** What an agent does not try: packages that only this machine has, and whatever some address leads to. */
export const notForAgents = ({ packages }: PackageList): Diagnostic[] =>
  packages
    .filter(({ spec }) => !isRegistered(spec))
    .map(({ name, spec: { spec } }) => ({
      message:
        spec.type === 'registry'
          ? `${name} is not from a registry, and agents try nothing else`
          : `${name} is a ${spec.type} on this machine, which no agent has`,
      hint: 'publish it, or try it without --agents',
    }));
