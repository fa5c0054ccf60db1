/** Trials of packages for Python as the document that `docs/package-trials-python.md` is. */
import type { Finding } from '../../src/core/finding.ts';
import { consequenceOf } from '../../src/kinds/index.ts';
import { PYTHON_PACKAGES } from './python-packages.ts';
import { PYTHON_PROOFS } from './python-proofs.ts';
import type { TrialReport } from './trial.ts';

/** What came of trying one. */
export interface PythonTrial {
  readonly spec: string;
  /** From the start of the command to its end, with the installation. */
  readonly wholeMs: number;
  /** null when there was nothing to report. */
  readonly report: TrialReport | null;
  /** What was said on standard error. */
  readonly said: string;
  /** The commit that Shakedown was built of. */
  readonly commit: string;
}

interface Told {
  readonly component: string;
  readonly finding: Finding;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const titleOf = ({ component, finding }: Told): string => `${component}: ${finding.code}`;

const allOf = ({ report }: PythonTrial): Told[] => [
  ...(report?.setup ?? []).flatMap(({ findings }) =>
    findings.map((finding) => ({ component: 'install', finding })),
  ),
  ...(report?.components ?? []).flatMap(({ name, findings }) =>
    findings.map((finding) => ({ component: name, finding })),
  ),
];

/** What counts. */
const findingsOf = (trial: PythonTrial): Told[] =>
  allOf(trial).filter(({ finding }) => consequenceOf(finding) !== 'note');

/** Notes that every package has say nothing of this one. */
const OF_ALL: readonly string[] = ['start-profile', 'wheel-profile'];
const notesOf = (trial: PythonTrial): string[] => [
  ...new Set(
    allOf(trial)
      .filter(({ finding }) => consequenceOf(finding) === 'note' && !OF_ALL.includes(finding.code))
      .map(titleOf),
  ),
];

const inCode = (texts: readonly string[]): string => texts.map((text) => `\`${text}\``).join(', ');

/** @param current the commit of which rows say nothing */
function row(trial: PythonTrial, current: string): string {
  const { spec, report, wholeMs, commit } = trial;
  const [name = '', version = ''] = spec.replace('pypi:', '').split('@');
  const titles = [...new Set(findingsOf(trial).map(titleOf))];
  const notes = notesOf(trial);
  const cells = [
    `\`${name}\``,
    version,
    PYTHON_PACKAGES.find((each) => each.spec === spec)?.form ?? '',
    (report?.components ?? []).flatMap(({ name, verdict }) => (verdict === 'skipped' ? [] : name)).join(', '),
    report === null ? cell(trial.said === '' ? 'given up' : trial.said) : inCode(titles) || 'none',
    inCode(notes) || 'none',
    `${(wholeMs / 1000).toFixed(1)} s${commit === current ? '' : ` (${commit})`}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function details(trial: PythonTrial): string[] {
  const told = findingsOf(trial);
  if (told.length === 0) return [];
  const titles = told.map(titleOf);
  const proofs = PYTHON_PROOFS.filter(
    ({ spec, finding }) => spec === trial.spec && titles.includes(finding),
  ).map(({ finding, proof }) => `\nProof of \`${finding}\`: ${proof}`);
  return [
    `### ${trial.spec}\n`,
    ...told.map((each) => `- \`${titleOf(each)}\`: ${each.finding.message}`),
    ...(proofs.length === 0 ? ['\nProof: none yet.'] : proofs),
    '',
  ];
}

const nameOf = (spec: string): string => spec.replace('pypi:', '').split('@')[0] ?? '';

/** What is known of one package: its row, and its findings in detail. */
interface Entry {
  readonly name: string;
  readonly row: string;
  readonly details: string;
}

const OF_COMMIT = /^Shakedown was that of commit (\w+)/m;
/** The column of a row that says what was found. */
const FOUND = 5;

/** What an earlier document has of packages that are not among these; its rows name its commit, if they have none of their own. */
function keptOf(page: string, trials: readonly PythonTrial[], current: string): Entry[] {
  const names = new Set(trials.map(({ spec }) => nameOf(spec)));
  const commit = OF_COMMIT.exec(page)?.[1] ?? '';
  const sections = new Map(
    page.split(/^(?=##)/m).flatMap((part) => {
      const name = /^### pypi:([^@\n]+)/.exec(part)?.[1];
      return name === undefined ? [] : [[name, `${part.trim()}\n`]];
    }),
  );
  return page.split('\n').flatMap((line) => {
    const name = /^\| `([^`]+)` \|/.exec(line)?.[1];
    if (name === undefined || names.has(name)) return [];
    const row = commit === current || line.endsWith(') |') ? line : line.replace(/ \|$/, ` (${commit}) |`);
    return [{ name, row, details: sections.get(name) ?? '' }];
  });
}

const HEAD = [
  '| package | version | form | tried | findings | notes | whole time |',
  '| --- | --- | --- | --- | --- | --- | --- |',
];

const ORDER = PYTHON_PACKAGES.map(({ spec }) => nameOf(spec));

/**
 * @param python version of Python that they were tried with
 * @param earlier the document as it was, of which the packages are kept that are not among these
 */
export function showPythonTrials(trials: readonly PythonTrial[], python: string, earlier = ''): string {
  const current = trials.at(-1)?.commit ?? '';
  const entries = [
    ...trials.map((trial) => ({
      ...{ name: nameOf(trial.spec), row: row(trial, current) },
      details: details(trial).join('\n'),
    })),
    ...keptOf(earlier, trials, current),
  ].sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
  const found = entries.filter((entry) => entry.row.split(' | ')[FOUND - 1] !== 'none');
  return [
    '# Trials of well-known packages for Python',
    '',
    `\`shakedown package\` was run on ${entries.length} packages of PyPI that were not prepared for it, with ${python}, and found`,
    `something in ${found.length} of them. A finding on a sound package is a bug in Shakedown, so each finding is followed by its`,
    'proof. `bench/python-trials --markdown docs/package-trials-python.md` regenerates this document. The times are those of a',
    'first run, which fetches and installs the package, on a machine with two cores that did other things as well; pip’s',
    'downloads and the checkers of types may have been there from one before. A',
    'component that is not named was left out of that trial; `threads` is there where docstrings have examples.',
    `Shakedown was that of commit ${current}, or an older one that a row names.`,
    '',
    ...HEAD,
    ...entries.map((entry) => entry.row),
    '',
    '## Findings',
    '',
    ...(found.length === 0 ? ['None.', ''] : found.map((entry) => entry.details)),
  ].join('\n');
}
