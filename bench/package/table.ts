/** Trials as the document that `docs/package-trials.md` is. */
import type { Finding } from '../../src/core/finding.ts';
import { consequenceOf } from '../../src/kinds/index.ts';
import { PACKAGES } from './packages.ts';
import { PROOFS } from './proofs.ts';
import type { Trial } from './trial.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

interface Told {
  readonly component: string;
  readonly finding: Finding;
}

/** What counts: notes change nothing, and are left out. */
function findingsOf({ report }: Trial): Told[] {
  return [
    ...(report?.setup ?? []).flatMap(({ findings }) =>
      findings.map((finding) => ({ component: 'install', finding })),
    ),
    ...(report?.components ?? []).flatMap(({ name, findings }) =>
      findings.map((finding) => ({ component: name, finding })),
    ),
  ].filter(({ finding }) => consequenceOf(finding) !== 'note');
}

const titleOf = ({ component, finding }: Told): string => `${component}: ${finding.code}`;

function row(trial: Trial): string {
  const { spec, report, wholeMs } = trial;
  const at = spec.lastIndexOf('@');
  const known = PACKAGES.find((each) => each.spec === spec);
  const titles = [...new Set(findingsOf(trial).map((told) => `\`${titleOf(told)}\``))];
  const cells = [
    `\`${spec.slice(0, at)}\``,
    spec.slice(at + 1),
    known?.form ?? '',
    known?.types ?? '',
    (report?.components ?? []).map(({ name }) => name).join(', '),
    report === null
      ? cell(trial.said === '' ? 'given up' : trial.said)
      : titles.length === 0
        ? 'none'
        : titles.join(', '),
    `${(wholeMs / 1000).toFixed(1)} s`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function details(trial: Trial): string[] {
  const told = findingsOf(trial);
  if (told.length === 0) return [];
  const lines = told.map((each) => `- \`${titleOf(each)}\`: ${each.finding.message}`);
  const proofs = PROOFS.filter(({ spec }) => spec === trial.spec).map(
    ({ finding, proof }) => `\nProof of \`${finding}\`: ${proof}`,
  );
  return [`### ${trial.spec}\n`, ...lines, ...(proofs.length === 0 ? ['\nProof: none yet.'] : proofs), ''];
}

/** @param node version of Node.js that they were tried with */
export function showTrials(trials: readonly Trial[], node: string): string {
  const found = trials.filter((trial) => findingsOf(trial).length > 0);
  return [
    '# Trials of well-known packages',
    '',
    `\`shakedown package\` was run on ${trials.length} packages that were not prepared for it, with Node.js ${node}, and found`,
    `something in ${found.length} of them. A finding on a sound package is a bug in Shakedown, so each finding is followed by its`,
    'proof. `bench/package-trials --markdown docs/package-trials.md` regenerates this document. The times are those of a',
    'first run, which fetches and installs the package, on a machine with two cores.',
    '',
    '| package | version | form | types | tried | findings | whole time |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...trials.map(row),
    '',
    '## Findings',
    '',
    ...(found.length === 0 ? ['None.', ''] : found.flatMap(details)),
  ].join('\n');
}
