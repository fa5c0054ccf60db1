/** Trials as the document that `docs/package-trials.md` is. */
import type { Finding, FindingCode } from '../../src/core/finding.ts';
import { consequenceOf } from '../../src/kinds/index.ts';
import { type Comparison, compareWithOracles } from './agreement.ts';
import { FIXTURES, PACKAGES, type Subject } from './packages.ts';
import { PROOFS } from './proofs.ts';
import type { Trial } from './trial.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

interface Told {
  readonly component: string;
  readonly finding: Finding;
}

function allFindings({ report }: Trial): Told[] {
  return [
    ...(report?.setup ?? []).flatMap(({ findings }) =>
      findings.map((finding) => ({ component: 'install', finding })),
    ),
    ...(report?.components ?? []).flatMap(({ name, findings }) =>
      findings.map((finding) => ({ component: name, finding })),
    ),
  ];
}

/** What counts: notes change nothing, and are left out. */
const findingsOf = (trial: Trial): Told[] =>
  allFindings(trial).filter(({ finding }) => consequenceOf(finding) !== 'note');

const titleOf = ({ component, finding }: Told): string => `${component}: ${finding.code}`;

/** The first line of what was said instead of a report. */
const whyNot = ({ said }: Trial): string =>
  said === '' ? 'given up' : cell((said.split('\n')[0] ?? '').replace(/^shakedown: /, ''));

const outcomeOf = (trial: Trial): string => {
  if (trial.report === null) return whyNot(trial);
  const titles = [...new Set(findingsOf(trial).map((told) => `\`${titleOf(told)}\``))];
  return titles.length === 0 ? 'none' : titles.join(', ');
};

function row(trial: Trial): string {
  const { spec, report, wholeMs } = trial;
  const at = spec.lastIndexOf('@');
  const known = PACKAGES.find((each) => each.spec === spec);
  const cells = [
    `\`${spec.slice(0, at)}\``,
    spec.slice(at + 1),
    ...(known === undefined ? [] : [known.form, known.types]),
    (report?.components ?? []).map(({ name }) => name).join(', '),
    outcomeOf(trial),
    `${(wholeMs / 1000).toFixed(1)} s`,
  ];
  return `| ${cells.join(' | ')} |`;
}

const comparisonsOf = (trial: Trial): readonly Comparison[] =>
  trial.objections === null || trial.report === null
    ? []
    : compareWithOracles(
        trial.spec,
        trial.objections,
        new Set<FindingCode>(allFindings(trial).map(({ finding }) => finding.code)),
      );

function details(trial: Trial): string[] {
  const told = findingsOf(trial);
  if (told.length === 0) return [];
  const lines = told.map((each) => `- \`${titleOf(each)}\`: ${each.finding.message}`);
  const proofs = PROOFS.filter(({ spec }) => spec === trial.spec).map(
    ({ finding, proof }) => `\nProof of \`${finding}\`: ${proof}`,
  );
  const agreed = comparisonsOf(trial).flatMap(({ says, code, answer }) =>
    answer !== undefined && 'same' in answer
      ? [`\nOf the same opinion: ${says} (${code}: ${answer.same.join(', ')}).`]
      : [],
  );
  const shown = [...proofs, ...agreed];
  return [`### ${trial.spec}\n`, ...lines, ...(shown.length === 0 ? ['\nProof: none yet.'] : shown), ''];
}

const NAMES: Readonly<Record<string, string>> = { attw: 'are-the-types-wrong', publint: 'publint' };

function comparisonRow({ spec }: Trial, { says, code, answer }: Comparison): string {
  const what =
    answer === undefined
      ? '**open**'
      : 'same' in answer
        ? `agreed: ${answer.same.map((each) => `\`${each}\``).join(', ')}`
        : cell(answer.because);
  return `| \`${spec}\` | ${NAMES[says] ?? says} | \`${code}\` | ${what} |`;
}

/** A row for each objection, and for what no oracle objects to. */
function besideOracles(trials: readonly Trial[]): string[] {
  const rows = trials.flatMap((trial) => comparisonsOf(trial).map((each) => comparisonRow(trial, each)));
  const asked = trials.filter(({ objections, report }) => objections !== null && report !== null);
  const silent = asked.filter((trial) => comparisonsOf(trial).length === 0);
  const untried = trials.filter(({ report }) => report === null);
  const unasked = trials.length - asked.length - untried.length;
  return [
    `Of the ${asked.length} packages that were compared, all three have nothing to say about ${silent.length}.`,
    ...(unasked === 0 ? [] : [`The oracles were not asked about ${unasked} others.`]),
    ...(untried.length === 0
      ? []
      : ['', 'Not compared:', '', ...untried.map((trial) => `- \`${trial.spec}\`: ${outcomeOf(trial)}`)]),
    '',
    '| package | who | says | and Shakedown |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ];
}

const isIn = (list: readonly Subject[], { spec }: Trial): boolean => list.some((each) => each.spec === spec);

/** @param node version of Node.js that they were tried with */
export function showTrials(all: readonly Trial[], node: string): string {
  const trials = all.filter((trial) => isIn(PACKAGES, trial));
  const fixtures = all.filter((trial) => isIn(FIXTURES, trial));
  const found = trials.filter((trial) => findingsOf(trial).length > 0);
  return [
    '# Trials of well-known packages',
    '',
    `\`shakedown package\` was run on ${trials.length} packages that were not prepared for it, with Node.js ${node}, and found`,
    `something in ${found.length} of them. A finding on a sound package is a bug in Shakedown, so each finding is followed by its`,
    'proof. `bench/package-trials --markdown docs/package-trials.md` regenerates this document. The times are those of a',
    'first run, which fetches and installs the package, on a machine with two cores, which had other work as well where a small package took',
    'more than half a minute. Rows without `api` are of an earlier version of Shakedown. Packages for Python have',
    '[a page of their own](package-trials-python.md).',
    '',
    '| package | version | form | types | tried | findings | whole time |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...trials.map(row),
    '',
    '## Findings',
    '',
    ...(found.length === 0 ? ['None.', ''] : found.flatMap(details)),
    '## Beside are-the-types-wrong and publint',
    '',
    'Both read a package without loading or running it. What they object to (publint: errors and warnings;',
    'are-the-types-wrong: under `node16` and `bundler`) is either something that Shakedown tells as well, perhaps as a note, or',
    'has a reason why it does not; and so has what Shakedown tells and they do not, where they could see it.',
    '',
    ...besideOracles(trials),
    '## The fixtures of are-the-types-wrong',
    '',
    'These are the packages that are-the-types-wrong itself is tested with (`packages/core/test/fixtures` in its repository), by their',
    'names on npm. Most have something wrong, for that is why they were chosen. They are tried by `entries` and `types`, which is what the',
    'oracles could know of as well.',
    '',
    '| package | version | tried | findings | whole time |',
    '| --- | --- | --- | --- | --- |',
    ...fixtures.map(row),
    '',
    ...besideOracles(fixtures),
  ].join('\n');
}
