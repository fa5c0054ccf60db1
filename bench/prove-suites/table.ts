/** Trials as the document that `docs/prove-trials.md` is. */
import { CHANGES, type Change } from './changes.ts';
import type { Suite } from './suites.ts';

/** The parts of the JSON report that are told. */
export interface ProofReport {
  readonly durationMs: number;
  readonly proof?: {
    readonly total: number;
    readonly untried: number;
    readonly counts: Readonly<Record<string, number>>;
  };
  readonly components: readonly {
    readonly name: string;
    readonly trial?: {
      readonly fault: string;
      readonly subject: string | null;
      readonly isDemanded: boolean;
      readonly judgement: { readonly outcome: string; readonly message: string } | null;
    };
    readonly findings: readonly { readonly code: string; readonly message: string }[];
  }[];
}

export interface Trial {
  readonly suite: Suite;
  readonly report: ProofReport | null;
  /** The changes by hand with which its tests still pass. */
  readonly unnoticed: readonly Change[];
  readonly said: string;
}

/** A fault that its suite must notice, but does not, or does for another reason. */
interface Told {
  readonly name: string;
  readonly outcome: string;
  readonly message: string;
}

const toldOf = ({ report }: Trial): Told[] =>
  (report?.components ?? []).flatMap(({ trial, findings }): Told[] => {
    if (trial === undefined) return [];
    const name = trial.subject === null ? trial.fault : `${trial.subject} ${trial.fault}`;
    const [first] = findings;
    if (first?.code === 'instrument-disturbs') return [{ name, outcome: first.code, message: first.message }];
    const { outcome = '', message = '' } = trial.judgement ?? {};
    const isTold = trial.isDemanded && (outcome === 'blind' || outcome === 'wrong-reason');
    return isTold ? [{ name, outcome, message }] : [];
  });

const testsOf = (component: unknown): string => {
  const { run, client } = component as { run?: string; client?: string };
  return run ?? `${client} (http)`;
};

function row(trial: Trial): string {
  const { suite, report } = trial;
  const run = Object.values(suite.components).map((each) => `\`${testsOf(each)}\``);
  const counts = report?.proof?.counts ?? {};
  const told = toldOf(trial);
  const cells = [
    `\`${suite.name}\``,
    suite.version,
    run.join(', '),
    report?.proof === undefined ? 'not run' : `${counts.proved} of ${report.proof.total}`,
    told.length === 0 ? 'none' : told.map(({ name, outcome }) => `\`${name}\` (${outcome})`).join(', '),
    `${(counts.blind ?? 0) - told.filter(({ outcome }) => outcome === 'blind').length}`,
    `${counts['not-reached'] ?? 0}`,
    `${report?.proof?.untried ?? 0}`,
    `${Math.round((report?.durationMs ?? 0) / 1000)} s`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function details(trial: Trial): string[] {
  const told = toldOf(trial);
  if (told.length === 0) return [];
  return [
    `### ${trial.suite.name} ${trial.suite.version}\n`,
    ...told.map(({ name, outcome, message }) => {
      const confirming = trial.unnoticed.filter(({ faults }) => faults.includes(name));
      const byHand = confirming.map(
        ({ file, from, to }) =>
          ` By hand: with \`${from}\` in \`${file}\` changed to \`${to}\`, its tests still pass.`,
      );
      const unconfirmed = outcome === 'blind' && confirming.length === 0 ? ' By hand: not confirmed.' : '';
      const { disturbedBy } = trial.suite;
      const reason =
        outcome === 'instrument-disturbs' && disturbedBy !== undefined ? ` The reason: ${disturbedBy}.` : '';
      return `- \`${name}\`, ${outcome}: ${message}.${byHand.join('')}${unconfirmed}${reason}`;
    }),
    '',
  ];
}

export function showTrials(trials: readonly Trial[], budget: number): string {
  const longer = trials.flatMap(({ suite: { name, seconds } }) =>
    seconds === undefined || seconds <= budget ? [] : `\`${name}\` ${seconds}`,
  );
  return [
    '# Trials of suites that others wrote',
    '',
    '`shakedown prove` was run on the tests that these packages carry, each with a config that only calls them.',
    '`bench/prove-trials --markdown docs/prove-trials.md` regenerates this document: it fetches and installs the packages, proves',
    `their tests for at most ${budget} seconds each (${longer.join(', ')}), and makes the changes by`,
    'hand that are told below. What must be noticed is tried first.',
    '',
    'The tests of `requests` are the client of an `http` component: their fixture gives way to a real httpbin, behind the proxy.',
    '',
    '| suite | version | tests | proved | blind or wrong | need not notice | not reached | left out | time |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...trials.map(row),
    '',
    '## What was not noticed',
    '',
    ...trials.flatMap(details),
  ].join('\n');
}

export const changesOf = ({ name }: Suite): readonly Change[] =>
  CHANGES.filter(({ suite }) => suite === name);
