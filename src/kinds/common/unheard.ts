/** Errors that a script loses: it exits with 0 although one of its threads, futures, tasks or promises has failed. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import { headline } from '../../core/headline.ts';
import type { Environment } from '../../core/suite.ts';
import { plural } from '../../core/units.ts';
import { harnessFile } from './programs.ts';

/** The runtimes whose lost errors can be found. */
export type Runtime = 'python' | 'node';

/** The code that watches processes for lost errors. */
export const SHIMS = harnessFile('harness/unheard');

/** Options with which an interpreter ignores the environment, or may not read the shims. */
const DEAF = { python: /^-[bBdiOPqRsuvx]*[EIS]/, node: /^--(?:experimental-)?permission$/ };

/** @param line the interpreter in a script's shebang, and its options */
export function runtimeOf([interpreter, ...options]: readonly string[]): Runtime | null {
  const name = basename(interpreter ?? '');
  const runtime = name === 'node' ? 'node' : /^(?:python|pypy)[\d.]*t?$/.test(name) ? 'python' : null;
  return runtime === null || options.some((option) => DEAF[runtime].test(option)) ? null : runtime;
}

/** Whether the environment can load the shims, given where they are installed and which options Node gets. */
const isWatchable = (runtime: Runtime, options: string): boolean =>
  runtime === 'python'
    ? !SHIMS.includes(delimiter)
    : !options.split(/\s+/).some((option) => DEAF.node.test(option));

/**
 * The environment in which a script is watched. The shim undoes these changes before the script begins, so that neither
 * the script nor its children can tell.
 *
 * @param folder for the records of lost errors; made if need be
 */
export function watchedEnvironment(runtime: Runtime, env: Environment, folder: string): Environment {
  mkdirSync(folder, { recursive: true });
  const before = { python: env.PYTHONPATH, node: env.NODE_OPTIONS }[runtime] ?? '';
  if (!isWatchable(runtime, before)) return env;
  const watched =
    runtime === 'python'
      ? { PYTHONPATH: [SHIMS, ...(before === '' ? [] : [before])].join(delimiter) }
      : { NODE_OPTIONS: `${before} --require ${JSON.stringify(join(SHIMS, 'main.cjs'))}`.trimStart() };
  return { ...env, ...watched, SHAKEDOWN_UNHEARD: folder };
}

/** A line of a process's record. */
type Line =
  | { readonly id?: number; readonly lines: readonly string[] }
  | { readonly handled: number }
  | { readonly more: number };

interface Losses {
  readonly count: number;
  /** The first of them, as it would have been printed. */
  readonly first: readonly string[];
}

const isLine = (value: unknown): value is Line => {
  if (typeof value !== 'object' || value === null) return false;
  const { lines, handled, more } = value as Record<string, unknown>;
  return (
    [handled, more].some((each) => typeof each === 'number') ||
    (Array.isArray(lines) && lines.every((line) => typeof line === 'string'))
  );
};

function parsed(text: string): Line[] {
  try {
    const value: unknown = JSON.parse(text);
    return isLine(value) ? [value] : [];
  } catch {
    // Its process was killed as it wrote it.
    return [];
  }
}

/** The script may have written to the folder: only our own files are read. */
function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    return entries.map(({ name }) => join(folder, name)).sort();
  } catch {
    return [];
  }
}

function linesOf(path: string): Line[] {
  try {
    return readFileSync(path, 'utf8').split('\n').flatMap(parsed);
  } catch {
    return [];
  }
}

/** @param folder that of `watchedEnvironment` */
export function readLosses(folder: string): Losses {
  let more = 0;
  const lost: (readonly string[])[] = [];
  for (const file of filesIn(folder)) {
    const lines = linesOf(file);
    const handled = new Set(lines.flatMap((line) => ('handled' in line ? line.handled : [])));
    for (const line of lines) {
      if ('more' in line) more += line.more;
      else if ('lines' in line && !(line.id !== undefined && handled.has(line.id))) lost.push(line.lines);
    }
  }
  return { count: lost.length + more, first: lost[0] ?? [] };
}

/** How to notice such errors, in the terms of each language. */
const REMEDIES: Readonly<Record<Runtime, string>> = {
  python:
    'ask every future for its result, await every task and coroutine, and pass on what fails in a thread',
  node: "await every promise or handle its rejection, and listen for the 'error' and 'exit' events of every worker",
};

/**
 * @param step a step that has passed all the same
 * @param runtime what has run it
 * @param wayOut what to do if the script is right, as the end of a sentence
 */
export function lostErrors(step: string, runtime: Runtime, { count, first }: Losses, wayOut = ''): Finding[] {
  if (count === 0) return [];
  const cause = headline(first);
  return [
    {
      code: 'lost-error',
      step,
      message: `${step} passed, although ${plural(count, 'error')} ${count === 1 ? 'was' : 'were'} never retrieved${cause === undefined ? '' : `: ${cause}`}`,
      evidence: first,
      hint: `${REMEDIES[runtime]}${wayOut}`,
      count,
    },
  ];
}
