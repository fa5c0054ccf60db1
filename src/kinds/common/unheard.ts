/** Errors that a script loses: it ends well, though a thread, a future, a task or a promise of its own has failed. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import { headline } from '../../core/headline.ts';
import type { Environment } from '../../core/suite.ts';
import { plural } from '../../core/units.ts';
import { harnessFile } from './programs.ts';

/** What runs a script whose lost errors can be found. */
export type Runtime = 'python' | 'node';

/** What watches processes for lost errors. */
export const SHIMS = harnessFile('harness/unheard');

/** @param interpreter as the first line of a script names it */
export function runtimeOf(interpreter: string | undefined): Runtime | null {
  const name = basename(interpreter ?? '');
  if (name === 'node') return 'node';
  return /^(?:python|pypy)[\d.]*t?$/.test(name) ? 'python' : null;
}

/**
 * The environment in which a script is watched. It puts back what this changes before the script begins, so that neither it
 * nor what it starts can tell.
 *
 * @param folder what was lost is written there; made if need be
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

/** A line of what a process tells. */
type Line =
  | { readonly id?: number; readonly lines: readonly string[] }
  | { readonly handled: number }
  | { readonly more: number };

/** What was lost. */
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
      // Its process was killed as it wrote it.
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
 * @param step what has passed all the same
 * @param wayOut what to do where the script is right, as the end of a sentence
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
