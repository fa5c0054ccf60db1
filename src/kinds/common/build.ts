/** Turns options that several kinds share into what they mean. */

import type { Pattern } from '../../core/pattern.ts';
import { readFault } from '../../core/proof.ts';
import type { StatusRange } from '../../core/status-range.ts';
import { type Command, PROVE_BY_DEFAULT, type Proving } from '../../core/suite.ts';
import type { ProveOptions } from './options.ts';
import type { PatternOptions, RunOptions, StatusOptions } from './words.ts';

const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value);

/** None, one or several, as a list. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return isList(value) ? value : [value];
}

export const toCommand = (run: RunOptions): Command =>
  typeof run === 'string' ? { type: 'shell', line: run } : { type: 'argv', argv: run };

export function toPattern(pattern: PatternOptions): Pattern {
  if (typeof pattern === 'string') return { type: 'text', text: pattern };
  if (pattern instanceof RegExp) return { type: 'regex', source: pattern.source, flags: pattern.flags };
  return { type: 'regex', source: pattern.regex, flags: pattern.flags ?? '' };
}

export const toStatus = (status: StatusOptions): StatusRange =>
  typeof status === 'number' ? { from: status, to: status } : { from: status[0], to: status[1] };

export const toProving = ({ module, demand, ignore }: ProveOptions = {}): Proving => ({
  modules: listOf(module),
  demand: (demand ?? PROVE_BY_DEFAULT.demand).map(readFault),
  ignore: Object.fromEntries(
    Object.entries(ignore ?? PROVE_BY_DEFAULT.ignore).map(([fault, reason]) => [readFault(fault), reason]),
  ),
});
