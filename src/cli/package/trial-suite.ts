/** What the installations of `shakedown package` become in a run: setup steps, components, and what is left out. */
import { delimiter, join } from 'node:path';
import { optionalAbsent } from '../../consumer/dependencies.ts';
import type { ConsumerFailure } from '../../consumer/failure.ts';
import type { InstalledPackage } from '../../consumer/installed-package.ts';
import type { Trial } from '../../consumer/trials.ts';
import type { Finding } from '../../core/finding.ts';
import type { Absent, Component } from '../../core/suite.ts';
import type { Preparation } from '../../engine/run-context.ts';
import { componentsOf } from '../../kinds/index.ts';

/** What a run takes from the installations. */
export interface TrialSuite {
  /** Of the package with its version; null if there are several. */
  readonly name: string | null;
  /** The installations, as the run reports them. */
  readonly prepared: readonly Preparation[];
  readonly components: readonly Component[];
  /** Whole installations that are left out, whatever is named. */
  readonly absent: readonly Absent[];
  /** Components that there is nothing to try for: not told where others are named. */
  readonly lacking: readonly Absent[];
  /** Folders that come first on the PATH of all components. */
  readonly path: readonly string[];
  /** The components that names mean: `entries` is that of every package, Node and choice of peers. */
  readonly meant: (names: readonly string[]) => readonly string[];
}

/** What distinguishes a trial from the others of its package: `@node22`, `@peers-lowest`. */
const mannerOf = ({ node, peers }: Trial): string =>
  [node === null ? '' : `@node${node.asked}`, peers === null ? '' : `@peers-${peers.end}`].join('');

/** `ui:entries@node22`. Without several of anything, components keep their names. */
const labelled = (name: string, trial: Trial): string =>
  `${trial.of === null ? '' : `${trial.of}:`}${name}${mannerOf(trial)}`;

const hasLabel = (trial: Trial): boolean => labelled('', trial) !== '';

function stepName(trial: Trial): string {
  const of = trial.of === null ? '' : ` ${trial.of}`;
  const versions = trial.peers === null ? '' : ` (${trial.peers.versions.join(', ')})`;
  return `install${of}${mannerOf(trial)}${versions}`;
}

export const failure = ({ blame, message, evidence, hint }: ConsumerFailure): Finding => ({
  code: blame === 'trouble' ? 'machine-trouble' : 'setup-failed',
  message,
  ...(evidence === undefined ? {} : { evidence }),
  ...(hint === undefined ? {} : { hint }),
});

const nodeOf = ({ node }: Trial): string => node?.is.version ?? process.versions.node;

const needs = ({ name, version, needsNode }: InstalledPackage, trial: Trial): string =>
  `${name}@${version} needs Node.js ${needsNode}, and this is ${nodeOf(trial)}`;

const isFit = ({ outcome }: Trial): boolean => outcome.ok && outcome.value.needsNode === null;

/** A Node that was asked for, among others, and that the package excludes: it is no fault of the package. */
const isLeftOut = (trial: Trial, trials: readonly Trial[]): boolean =>
  trial.node !== null && trial.outcome.ok && !isFit(trial) && trials.some(isFit);

function findingsOf(trial: Trial): Finding[] {
  const { outcome } = trial;
  if (!outcome.ok) return [failure(outcome.error)];
  if (outcome.value.needsNode === null) return [];
  return [
    {
      code: 'unsupported-node',
      message: needs(outcome.value, trial),
      hint: 'try it with a version of Node.js that its `engines` allow',
      needed: outcome.value.needsNode,
    },
  ];
}

function preparations(trials: readonly Trial[]): Preparation[] {
  return trials.map((trial) => {
    const findings = isLeftOut(trial, trials) ? [] : findingsOf(trial);
    const isReused = trial.outcome.ok && trial.outcome.value.isReused;
    const outcome = findings.length > 0 ? 'failed' : isReused ? 'cached' : 'done';
    return { name: stepName(trial), outcome, durationMs: trial.durationMs, findings };
  });
}

const binOf = ({ consumer }: InstalledPackage): string => join(consumer, 'node_modules', '.bin');

/** What is the same for every Node is tried on the first. */
const ONCE = ['types', 'api'];

/** Whether a component is that of the first Node, if there need be no other. */
function isTold({ kind }: Component, trial: Trial, trials: readonly Trial[]): boolean {
  if (!ONCE.includes(kind)) return true;
  const alike = trials.filter(
    (each) => isFit(each) && each.of === trial.of && each.peers?.end === trial.peers?.end,
  );
  return alike[0] === trial;
}

/** @param path the PATH of the user */
export async function trialSuite(trials: readonly Trial[], path: string): Promise<TrialSuite> {
  const components: Component[] = [];
  for (const trial of trials) {
    const { outcome, node } = trial;
    if (!outcome.ok || !isFit(trial)) continue;
    const own = (await componentsOf(outcome.value)).filter((each) => isTold(each, trial, trials));
    const folders = [...(node === null ? [] : [node.is.folder]), binOf(outcome.value)];
    const env = hasLabel(trial) ? { PATH: [...folders, path].join(delimiter) } : {};
    const optional = optionalAbsent(outcome.value);
    components.push(
      ...own.map((each) => ({
        ...{ ...each, name: labelled(each.name, trial), env: { ...each.env, ...env } },
        ofPackage: { isStrict: false, isOnlyComparison: false, optional },
      })),
    );
  }
  const absent = trials.flatMap((trial) =>
    trial.outcome.ok && isLeftOut(trial, trials)
      ? [{ name: labelled('all', trial), reason: needs(trial.outcome.value, trial), onlyWhenNamed: false }]
      : [],
  );
  const [only] = trials;
  const isAlone = only !== undefined && !hasLabel(only) && only.outcome.ok;
  return {
    name: nameOf(trials),
    prepared: preparations(trials),
    ...{ components, absent, lacking: [], path: isAlone ? [binOf(only.outcome.value)] : [] },
    meant: (names) => meant(names, trials, components),
  };
}

/** Kinds that only compare: where there is nothing to compare with, they have done nothing. */
const COMPARING = new Set(['api', 'examples']);

/** @param chosen names of those that are to be run; none: all of them */
export function asTrials(
  components: readonly Component[],
  chosen: readonly string[],
  isStrict: boolean,
): Component[] {
  const tried = components.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
  const isOnlyComparison = tried.every(({ kind }) => COMPARING.has(kind));
  return components.map((each) => {
    const { optional = [] } = each.ofPackage ?? {};
    return { ...each, ofPackage: { isStrict, isOnlyComparison, optional } };
  });
}

function nameOf(trials: readonly Trial[]): string | null {
  const [first] = trials.flatMap(({ of, outcome }) => (of === null && outcome.ok ? [outcome.value] : []));
  return first === undefined ? null : `${first.name}@${first.version}`;
}

function meant(
  names: readonly string[],
  trials: readonly Trial[],
  components: readonly Component[],
): readonly string[] {
  const all = components.map(({ name }) => name);
  return names.flatMap((name) => {
    const labels = trials.map((trial) => labelled(name, trial)).filter((each) => all.includes(each));
    return all.includes(name) || labels.length === 0 ? [name] : [...new Set(labels)];
  });
}
