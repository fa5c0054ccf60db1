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

/** @param interpreter as in a script's first line */
export function runtimeOf(interpreter: string | undefined): Runtime | null {
  const name = basename(interpreter ?? '');
  if (name === 'node') return 'node';
  return /^(?:python|pypy)[\d.]*t?$/.test(name) ? 'python' : null;
}

/**
 * The environment in which a script is watched. The shim undoes these changes before the script begins, so that neither
 * the script nor its children can tell.
 *
 * @param folder for the records of lost errors; made if need be
 */
export function watchedEnvironment(runtime: Runtime, env: Environment, folder: string): Environment {
  mkdirSync(folder, { recursive: true });
  const before = { python: env.PYTHONPATH, node: env.NODE_OPTIONS }[runtime] ?? '';
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

function linesOf(path: string): Line[] {
  const texts = readFileSync(path, 'utf8')
    .split('\n')
    .filter((text) => text !== '');
  return texts.flatMap((text): Line[] => {
    try {
      return [JSON.parse(text) as Line];
    } catch {
      // Its process was killed while writing it.
      return [];
    }
  });
}

/** @param folder that of `watchedEnvironment` */
export function readLosses(folder: string): Losses {
  let more = 0;
  const lost: (readonly string[])[] = [];
  for (const file of readdirSync(folder).sort()) {
    const lines = linesOf(join(folder, file));
    const handled = new Set(lines.flatMap((line) => ('handled' in line ? line.handled : [])));
    for (const line of lines) {
      if ('more' in line) more += line.more;
      else if ('lines' in line && !(line.id !== undefined && handled.has(line.id))) lost.push(line.lines);
    }
  }
  return { count: lost.length + more, first: lost[0] ?? [] };
}

/**
 * @param step a step that has passed all the same
 * @param wayOut what to do if the script is right, as the end of a sentence
 */
export function lostErrors(step: string, { count, first }: Losses, wayOut = ''): Finding[] {
  if (count === 0) return [];
  const cause = headline(first);
  return [
    {
      code: 'lost-error',
      step,
      message: `${step} passed, although ${plural(count, 'error')} ${count === 1 ? 'was' : 'were'} never retrieved${cause === undefined ? '' : `: ${cause}`}`,
      evidence: first,
      hint: `ask every future for its result, await every promise, and let a thread that fails be heard${wayOut}`,
      count,
    },
  ];
}
