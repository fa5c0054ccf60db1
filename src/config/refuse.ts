/** How the library refuses options: what a config would be told, in one error. */
import { visible } from '../core/harmless.ts';
import { writePath } from '../core/option-path.ts';
import type { Problem } from '../kinds/common/problem.ts';

const show = ({ path, message, hint }: Problem): string =>
  `${path.length === 0 ? '' : `${writePath(path)}: `}${message}${hint === undefined ? '' : ` (${hint})`}`;

/** @returns an error whose message names each of the mistakes, in a line of its own */
export const refusalOf = (problems: readonly Problem[]): TypeError =>
  new TypeError([...new Set(problems.map((problem) => visible(show(problem))))].join('\n'));
