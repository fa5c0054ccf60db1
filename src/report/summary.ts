/** The verdict of a run and what has caused it, in the words that every report for people uses. */
import type { Finding } from '../core/finding.ts';
import { harmRank } from '../core/harm.ts';
import { plural } from '../core/units.ts';
import type { Verdict } from '../core/verdict.ts';
import { consequenceOf, verdictOf } from '../kinds/index.ts';
import { labelOf, proofHeadline, proofOf } from './proof.ts';
import { isEmptyShard } from './shards.ts';
import type { SharedState } from './shared-state.ts';
import { type ComponentState, componentVerdict, type RunState } from './state.ts';
import type { TeardownState } from './teardown-state.ts';
import { badness, decisive, worst } from './worst.ts';

const HEADLINES = {
  passed: 'PASSED',
  failed: 'FAILED',
  inconclusive: 'INCONCLUSIVE',
  skipped: 'NOTHING RAN',
} as const satisfies Record<Verdict, string>;

/** `2 failed`, or `1 failed (setup)`. */
function tally(
  components: number,
  { setup, services, undos, teardown }: Readonly<Record<'setup' | 'services' | 'undos' | 'teardown', number>>,
  what: string,
): string[] {
  const others = [
    ...(setup > 0 ? [[setup, 'setup'] as const] : []),
    ...(services > 0 ? [[services, plural(services, 'service').replace(/^\d+ /, '')] as const] : []),
    ...(undos > 0 ? [[undos, plural(undos, 'undo').replace(/^\d+ /, '')] as const] : []),
    ...(teardown > 0 ? [[teardown, 'teardown'] as const] : []),
  ];
  const all = components + setup + services + undos + teardown;
  if (all === 0) return [];
  const [only] = others;
  const where =
    only === undefined
      ? ''
      : others.length === 1 && components === 0
        ? ` (${only[1]})`
        : ` (${others.map(([count, name]) => `${count} of them ${name}`).join(', ')})`;
  return [`${all} ${what}${where}`];
}

/** What has decided the verdict of a run. */
export interface Cause {
  /** Of the component or step. */
  readonly name: string;
  /** How many others have the same cause. */
  readonly more: number;
  /** Of the component or step. */
  readonly verdict: Verdict;
  readonly cause: Finding;
}

/** What decided the verdict of the run, each with the name of its component or step; the worst first. */
export function causesOf(state: RunState): Cause[] {
  const failed = (name: string, findings: readonly Finding[]) => ({
    name,
    verdict: 'failed' as const,
    cause: decisive(findings),
  });
  const before = [
    ...state.setup.map(({ findings }) => failed('setup', findings)),
    ...state.shared.map(({ name, findings }) => failed(name, findings)),
  ];
  const components = state.components.toSorted((a, b) => worst(b) - worst(a)).flatMap(causesOfComponent);
  const after = [
    ...state.teardown.map(({ kind, findings }) => failed(kind, findings)),
    ...state.notes
      .filter((finding) => consequenceOf(finding) !== 'note')
      .map((note) => ({ ...failed('run', [note]), verdict: verdictOf([note]) })),
  ];
  const causes = [before, components, after].flatMap((all, stage) =>
    all.flatMap(({ cause, ...each }) => (cause === undefined ? [] : [{ ...each, cause, more: 0, stage }])),
  );
  return together(causes).toSorted((a, b) => a.stage - b.stage || rankOf(a) - rankOf(b));
}

/** A cause, and whether it is from before the components, from one of them, or from after them. */
type Staged = Cause & { readonly stage: number };

/** Lower is worse: what decides, and then what hurts most. Where nobody is known to be hurt, the order stays. */
const rankOf = ({ cause }: Cause): number => -10 * badness(cause) + harmRank(cause.hurts);

/** Whose mistakes are those of a package has all of them told: of one that stands first, another may be the cause. */
function causesOfComponent(component: ComponentState) {
  const { findings } = component;
  const ofPackage = findings.filter(
    (finding) => finding.hurts !== undefined && consequenceOf(finding) === 'failed',
  );
  const causes = ofPackage.length === 0 ? [decisive(findings)] : ofPackage;
  return causes.map((cause) => ({
    name: labelOf(component),
    verdict: componentVerdict(component),
    cause,
  }));
}

/** Merges what several have for the same reason: faults that could not be tried, a mistake of a package. */
function together(causes: readonly Staged[]): Staged[] {
  const groups = new Map<string, { readonly first: Staged; readonly names: Set<string> }>();
  for (const each of causes) {
    const { mistake, message } = each.cause;
    const known = groups.get(mistake ?? message);
    if (known === undefined) groups.set(mistake ?? message, { first: each, names: new Set([each.name]) });
    else {
      known.names.add(each.name);
      groups.set(mistake ?? message, { ...known, first: withWorstHarm(known.first, each) });
    }
  }
  return [...groups.values()].map(({ first, names }) => ({ ...first, more: names.size - 1 }));
}

/** The first tells it best, as what else goes wrong follows from it; it hurts whom any of them hurts. */
function withWorstHarm(first: Staged, other: Staged): Staged {
  const { hurts } = other.cause;
  if (hurts === undefined || harmRank(hurts) >= harmRank(first.cause.hurts)) return first;
  return { ...first, cause: { ...first.cause, hurts } };
}

/** ` and 2 more`, after a name. */
export const moreText = (more: number): string => (more === 0 ? '' : ` and ${more} more`);

/** A run in one line: `FAILED`, and `1 passed, 2 failed`. */
export interface Headline {
  readonly headline: string;
  readonly text: string;
}

/** Sums up the run. */
export function headlineOf(state: RunState, verdict: Verdict): Headline {
  if (state.holds !== null) return heldHeadline(state, verdict);
  const proof = proofOf(state);
  if (proof !== undefined) return { headline: 'PROVED', text: proofHeadline(proof) };
  if (isEmptyShard(state) && verdict === 'skipped')
    return { headline: 'NOTHING TO RUN', text: 'no component was dealt to this shard' };
  return { headline: HEADLINES[verdict], text: countsOf(state) };
}

function heldHeadline({ shared, holds }: RunState, verdict: Verdict): Headline {
  const failed = shared.filter(({ progress }) => progress === 'failed');
  const text =
    failed.length === 0
      ? plural(holds?.length ?? 0, 'service')
      : `${plural(failed.length, 'service')} failed`;
  return { headline: verdict === 'passed' ? 'ENDED' : HEADLINES[verdict], text };
}

/** The components that passed on a retry. */
export const flakyOf = ({ components }: RunState): ComponentState[] =>
  components.filter((component) => component.flaky && componentVerdict(component) === 'passed');

/** `passed on attempt 2; before: client exited with code 1` */
export function flakyText({ attempts, earlier }: ComponentState): string {
  const cause = decisive(earlier);
  return `passed on attempt ${attempts}${cause === undefined ? '' : `; before: ${cause.message}`}`;
}

/** `1 passed, 2 failed`, with what failed besides components. */
export function countsOf(state: RunState): string {
  const verdicts = state.components.map(componentVerdict);
  const count = (wanted: Verdict): number => verdicts.filter((each) => each === wanted).length;
  // Only setup steps that failed count: setup is not under test.
  const setup = state.setup.filter(({ outcome }) => outcome === 'failed');
  const broken = setup.filter(({ findings }) => verdictOf(findings) === 'failed').length;
  const undecided = setup.length - broken;
  // A service that failed a component is not counted twice.
  const isBlamed = ({ findings }: SharedState): boolean =>
    state.components.some((each) =>
      each.findings.some((finding) => findings.some(({ message }) => message === finding.message)),
    );
  const services = state.shared.filter((each) => each.progress === 'failed' && !isBlamed(each));
  const brokenServices = services.filter(({ findings }) => verdictOf(findings) === 'failed').length;
  const untidy = (kind: TeardownState['kind']): number =>
    state.teardown.filter((step) => step.kind === kind && step.outcome === 'failed').length;
  const flaky = flakyOf(state).length;
  const parts = [
    `${count('passed')} passed${flaky > 0 ? ` (${flaky} flaky)` : ''}`,
    ...tally(
      count('failed'),
      { setup: broken, services: brokenServices, undos: untidy('undo'), teardown: untidy('teardown') },
      'failed',
    ),
    ...tally(
      count('inconclusive'),
      { setup: undecided, services: services.length - brokenServices, undos: 0, teardown: 0 },
      'inconclusive',
    ),
    ...(count('skipped') > 0 ? [`${count('skipped')} skipped`] : []),
  ];
  return parts.join(', ');
}
