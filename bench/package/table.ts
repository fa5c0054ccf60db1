/** Trials as the document that `docs/package-trials.md` is. */
import type { Finding, FindingCode } from '../../src/core/finding.ts';
import { consequenceOf } from '../../src/kinds/index.ts';
import { type Comparison, compareWithOracles } from './agreement.ts';
import { FIXTURES, nameIn, PACKAGES, type Subject } from './packages.ts';
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

/** A workspace by all that was tried of it; anything else as it was said on the command line. */
function subjectOf({ spec }: Trial): string {
  const { workspace, words = [] } = PACKAGES.find((each) => each.spec === spec) ?? {};
  if (workspace === undefined) return [nameIn(spec), ...words].join(' ');
  return `${workspace.members.map(nameIn).join(', ')} (${workspace.manager})`;
}

/** @param current the commit of which rows say nothing */
function row(trial: Trial, current: string): string {
  const { spec, report, wholeMs, commit } = trial;
  const known = PACKAGES.find((each) => each.spec === spec);
  const cells = [
    `\`${subjectOf(trial)}\``,
    spec.slice(spec.lastIndexOf('@') + 1),
    ...(known === undefined ? [] : [known.form, known.types]),
    (report?.components ?? []).map(({ name }) => name).join(', '),
    outcomeOf(trial),
    `${(wholeMs / 1000).toFixed(1)} s${commit === current ? '' : ` (${commit})`}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The commit of the trial that began last. */
function currentCommit(trials: readonly Trial[]): string {
  const startOf = ({ report }: Trial): number => Date.parse(report?.startedAt ?? '') || 0;
  return [...trials].sort((a, b) => startOf(a) - startOf(b)).at(-1)?.commit ?? '';
}

const comparisonsOf = (trial: Trial): readonly Comparison[] =>
  trial.testimony === null || trial.report === null
    ? []
    : compareWithOracles(
        trial.spec,
        trial.testimony,
        new Set<FindingCode>(allFindings(trial).map(({ finding }) => finding.code)),
      );

const NAMES: Readonly<Record<string, string>> = { attw: 'are-the-types-wrong', publint: 'publint' };

/** Where the package was installed is of no use to anybody else. */
const withoutFolder = (text: string): string => text.replace(/[^\s']*\/consumers\/[0-9a-f]+\//g, '');

/** Each sort of finding of a package needs one. */
function proofOf({ spec }: Trial, title: string): string {
  const known = PROOFS.find((each) => each.spec === spec && each.finding === title);
  return `\nProof of \`${title}\`: ${known?.proof ?? '**none yet**.'}`;
}

const hurt = ({ finding }: Told): string => (finding.hurts === undefined ? '' : ` (${finding.hurts.text})`);

function details(trial: Trial): string[] {
  const told = findingsOf(trial);
  if (told.length === 0) return [];
  const lines = told.map(
    (each) => `- \`${titleOf(each)}\`: ${withoutFolder(each.finding.message)}${hurt(each)}`,
  );
  const titles = [...new Set(told.map(titleOf))];
  const proofs = titles.map((title) => proofOf(trial, title));
  const agreed = comparisonsOf(trial).flatMap(({ says, code, answer }) =>
    answer !== undefined && 'same' in answer
      ? [`\nOf the same opinion: ${NAMES[says] ?? says} (${code}: ${answer.same.join(', ')}).`]
      : [],
  );
  return [`### ${trial.spec}\n`, ...lines, ...proofs, ...agreed, ''];
}

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
  const asked = trials.filter(({ testimony, report }) => testimony !== null && report !== null);
  const silences = asked.flatMap(({ spec, testimony }) =>
    (testimony?.silent ?? []).map(({ oracle, because }) => `- \`${spec}\`: ${NAMES[oracle]}: ${because}`),
  );
  const silent = asked.filter((trial) => comparisonsOf(trial).length === 0);
  const untried = trials.filter(({ report }) => report === null);
  const unasked = trials.length - asked.length - untried.length;
  return [
    `Of the ${asked.length} packages that were compared, all three have nothing to say about ${silent.length}.`,
    ...(unasked === 0 ? [] : [`The oracles were not asked about ${unasked} others.`]),
    ...(untried.length === 0
      ? []
      : ['', 'Not compared:', '', ...untried.map((trial) => `- \`${trial.spec}\`: ${outcomeOf(trial)}`)]),
    ...(silences.length === 0 ? [] : ['', 'Compared with one of them only:', '', ...silences]),
    '',
    '| package | who | says | and Shakedown |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ];
}

const isIn = (list: readonly Subject[], { spec }: Trial): boolean => list.some((each) => each.spec === spec);

/** Of the list. */
function stillUntried(trials: readonly Trial[]): string[] {
  const names = PACKAGES.filter(({ spec }) => !trials.some((trial) => trial.spec === spec)).map(
    ({ spec }) => `\`${nameIn(spec)}\``,
  );
  return names.length === 0 ? [] : [`On the list, and not tried yet: ${names.join(', ')}.`, ''];
}

/** @param node version of Node.js that they were tried with */
export function showTrials(all: readonly Trial[], node: string): string {
  const trials = all.filter((trial) => isIn(PACKAGES, trial));
  const fixtures = all.filter((trial) => isIn(FIXTURES, trial));
  const found = trials.filter((trial) => findingsOf(trial).length > 0);
  const current = currentCommit(all);
  return [
    '# Trials of well-known packages',
    '',
    `\`shakedown package\` was run on ${trials.length} packages that were not prepared for it, with Node.js ${node}, and found`,
    `something in ${found.length} of them. A finding on a sound package is a bug in Shakedown, so each finding is followed by its`,
    'proof. `bench/package-trials --markdown docs/package-trials.md` regenerates this document. The times are those of a',
    'first run, which fetches and installs the package, on a machine with two cores that had other work as well: take them for the',
    `order of magnitude. Shakedown was that of commit ${current}, or an older one that a row names. A workspace is made of what its`,
    'packages have published, with the package manager that its authors use, and tried by `--workspaces`. Packages for Python have',
    '[a page of their own](package-trials-python.md).',
    '',
    '| package | version | form | types | tried | findings | whole time |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...trials.map((trial) => row(trial, current)),
    '',
    ...stillUntried(trials),
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
    ...fixtures.map((trial) => row(trial, current)),
    '',
    ...besideOracles(fixtures),
  ].join('\n');
}
