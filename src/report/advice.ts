/** Whom a finding hurts, and what to write to mend it, for every report that a person reads. */
import type { Finding } from '../core/finding.ts';

/** @returns `hurts every consumer`, where that is known */
export const harmLines = ({ hurts }: Finding): string[] =>
  hurts === undefined ? [] : [`hurts ${hurts.text}`];

/** @returns where to write, and then each line, with a `+` as in a patch */
export const mendLines = ({ mend }: Finding): string[] =>
  mend === undefined ? [] : [`in ${mend.file}:`, ...mend.lines.map((line) => `+ ${line}`)];
