/** What is said of the differences between a package and its last release. Pure. */
import { firstFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { allows, type Change, rightVersion } from './bump.ts';
import type { DeclaredChange } from './protocol.ts';
import type { ApiDifference } from './removed.ts';
import type { Start } from './start.ts';
import type { Weight } from './weight.ts';

const SHOWN = 12;

export interface Versions {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

const say = ({ specifier, name, type, how }: DeclaredChange): string => {
  const where = `"${name}" of "${specifier}"`;
  if (type === 'narrowed') return `${where} ${how}`;
  return type === 'removed' ? `the declaration of ${where} is gone` : `${where} is declared now`;
};

/** Whether it is known from the export itself. */
const isToldBy = (lines: readonly string[], { name }: DeclaredChange): boolean =>
  lines.some((line) => line.startsWith(`"${name}" of `));

const declared = (changes: readonly DeclaredChange[], told: readonly string[]): string[] =>
  changes.filter((change) => !isToldBy(told, change)).map(say);

function finding(change: Change, changes: readonly string[], { before, after }: Versions): Finding[] {
  const [first, ...others] = changes;
  if (first === undefined || allows(before, after, change)) return [];
  const right = rightVersion(before, change);
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  const step =
    before === after ? `${before} has been released with other content` : `${after} follows ${before}`;
  return [
    {
      code: change === 'breaking' ? 'breaking-change' : 'added-in-patch',
      message: `${first}${more}: ${step}, and ${change === 'breaking' ? 'would have to' : 'should'} be ${right}`,
      evidence: firstFew(changes, SHOWN),
      mend: { file: 'package.json', lines: [`"version": "${right}"`] },
      ...{ since: before, right, changes },
    },
  ];
}

/** @param declarations what is different in them */
export function changesFound(
  real: ApiDifference,
  declarations: readonly DeclaredChange[],
  versions: Versions,
): Finding[] {
  const gone = declarations.filter(({ type }) => type !== 'added');
  const added = declarations.filter(({ type }) => type === 'added');
  return [
    ...finding('breaking', [...real.removed, ...declared(gone, real.removed)], versions),
    ...finding('added', [...real.added, ...declared(added, real.added)], versions),
  ];
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;

const namesOf = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

/** A row of the table: what, before, after. */
export type Row = readonly [what: string, before: string, after: string];

export function rowsOf(before: Weight, after: Weight, start: Start | undefined): Row[] {
  const rows: Row[] = [
    ['size', kilobytes(before.bytes), kilobytes(after.bytes)],
    ['files', `${before.files}`, `${after.files}`],
    ['dependencies', `${before.dependencies}`, `${after.dependencies}`],
    ['install scripts', namesOf(before.scripts), namesOf(after.scripts)],
  ];
  if (start === undefined) return rows;
  const { modules, ratio } = start;
  const range = `${ratio.ratio.toFixed(2)}x (${ratio.low.toFixed(2)}x to ${ratio.high.toFixed(2)}x)`;
  return [...rows, ['modules at start', `${modules[0]}`, `${modules[1]}`], ['time to start', '1.00x', range]];
}

/** The table, for people who read a terminal. */
export function sinceRelease(rows: readonly Row[], { before, after }: Versions): Finding {
  const all: Row[] = [['', before, `this (${after})`], ...rows];
  const width = (column: 0 | 1): number => Math.max(...all.map((row) => row[column].length));
  return {
    code: 'since-release',
    message: `compared with ${before}, the last release`,
    evidence: all.map(([what, was, is]) => `${what.padEnd(width(0))}  ${was.padEnd(width(1))}  ${is}`),
    since: before,
  };
}
