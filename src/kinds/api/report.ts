/** What is said of the differences between a package and its last release. Pure. */
import { firstFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { allows, type Change, rightVersion } from './bump.ts';
import { byCause, placeOf, tellOnce } from './causes.ts';
import type { Majors } from './promises.ts';
import type { DeclaredChange, Place } from './protocol.ts';
import type { ApiDifference } from './removed.ts';
import type { Start } from './start.ts';
import type { Weight } from './weight.ts';

const SHOWN = 12;

export interface Versions {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** Whether the registry could not be asked, and a newer release than `before` may exist. */
  readonly isAsKnown: boolean;
}

const say = (change: DeclaredChange): string => {
  const { type, how } = change;
  const where = placeOf(change);
  if (type === 'narrowed') return `${where} ${how}`;
  return type === 'removed' ? `the declaration of ${where} is gone` : `${where} is declared now`;
};

/** Whether it is known from the export itself. */
const isToldBy = (lines: readonly string[], { name }: Place): boolean =>
  lines.some((line) => line.startsWith(`"${name}" of `));

const declared = (changes: readonly DeclaredChange[], told: readonly string[]): string[] =>
  byCause(changes, ({ cause }) => cause)
    .filter((shown) => !shown.some((each) => isToldBy(told, each)))
    .map((shown) => tellOnce(shown, say));

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

/** All that has changed, each as a sentence. */
export type Changes = Readonly<Record<Change, readonly string[]>>;

/** @param declarations what is different in them */
export function changesOf(real: ApiDifference, declarations: readonly DeclaredChange[]): Changes {
  const gone = declarations.filter(({ type }) => type !== 'added');
  const added = declarations.filter(({ type }) => type === 'added');
  return {
    breaking: [...real.removed, ...declared(gone, real.removed)],
    added: [...real.added, ...declared(added, real.added)],
  };
}

export const changesFound = ({ breaking, added }: Changes, versions: Versions): Finding[] => [
  ...finding('breaking', breaking, versions),
  ...finding('added', added, versions),
];

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;

const namesOf = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

/** A row of the table: what, before, after. */
export type Row = readonly [what: string, before: string, after: string];

export function rowsOf(before: Weight, after: Weight, majors: Majors, start: Start | undefined): Row[] {
  const rows: Row[] = [
    ['size', kilobytes(before.bytes), kilobytes(after.bytes)],
    ['files', `${before.files}`, `${after.files}`],
    ['dependencies', `${before.dependencies}`, `${after.dependencies}`],
    ...(majors.is.length === 0
      ? []
      : [['dependencies on other majors', majors.was.join(', '), majors.is.join(', ')] as const]),
    ['install scripts', namesOf(before.scripts), namesOf(after.scripts)],
  ];
  if (start === undefined) return rows;
  const { modules, ratio } = start;
  const range = `${ratio.ratio.toFixed(2)}x (${ratio.low.toFixed(2)}x to ${ratio.high.toFixed(2)}x)`;
  return [...rows, ['modules at start', `${modules[0]}`, `${modules[1]}`], ['time to start', '1.00x', range]];
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** Changes that the version promises, which are no mistake. */
function promised(changes: Changes, { before, after }: Versions): { said: string; lines: string[] } {
  const [breaking, added] = (['breaking', 'added'] as const).map((change) =>
    allows(before, after, change) ? changes[change] : [],
  ) as [readonly string[], readonly string[]];
  const parts = [
    ...(breaking.length === 0 ? [] : [counted(breaking.length, 'breaking change')]),
    ...(added.length === 0 ? [] : [counted(added.length, 'addition')]),
  ];
  if (parts.length === 0) return { said: '', lines: [] };
  return {
    said: `: ${parts.join(' and ')}, as ${after} may have`,
    lines: firstFew([...breaking, ...added], SHOWN),
  };
}

/** The table, for people who read a terminal, and what has changed as it may. */
export function sinceRelease(rows: readonly Row[], changes: Changes, versions: Versions): Finding {
  const { before, after, isAsKnown } = versions;
  const which = isAsKnown
    ? 'the last release that is known, as the registry cannot be reached'
    : 'the last release';
  const { said, lines } = promised(changes, versions);
  const all: Row[] = [['', before, `this (${after})`], ...rows];
  const width = (column: 0 | 1): number => Math.max(...all.map((row) => row[column].length));
  return {
    code: 'since-release',
    message: `compared with ${before}, ${which}${said}`,
    evidence: [
      ...all.map(([what, was, is]) => `${what.padEnd(width(0))}  ${was.padEnd(width(1))}  ${is}`),
      ...lines,
    ],
    since: before,
  };
}
