/** What the installations of a Python package become in a run, as those of npm do in `trial-suite.ts`. */
import { delimiter } from 'node:path';
import type { PythonTrial } from '../../consumer/python/trials.ts';
import type { Absent, Component } from '../../core/suite.ts';
import type { Preparation } from '../../engine/run-context.ts';
import { componentsOfDistribution } from '../../kinds/index.ts';
import { failure, type TrialSuite } from './trial-suite.ts';

/** `init@python3.13`. Without a choice of Pythons, components keep their names. */
const labelled = (name: string, { asked }: PythonTrial): string =>
  asked === null ? name : `${name}@python${asked}`;

/** The Python is one of several, and the package is not for it: that is no fault of either. */
const exclusionOf = ({ outcome }: PythonTrial): string | undefined =>
  !outcome.ok && outcome.error.isExcluded === true ? outcome.error.message : undefined;

function preparationOf(trial: PythonTrial, isOne: boolean): Preparation {
  const { outcome, durationMs } = trial;
  const name = labelled('install', trial);
  if (!outcome.ok) {
    const findings = exclusionOf(trial) === undefined ? [failure(outcome.error)] : [];
    return { name, outcome: findings.length > 0 ? 'failed' : 'done', durationMs, findings };
  }
  const { isReused, name: own, version } = outcome.value;
  const told = isOne ? name : `${name} (${own} ${version})`;
  return { name: told, outcome: isReused ? 'cached' : 'done', durationMs, findings: [] };
}

/** @param path the PATH of the user */
export async function pythonSuite(trials: readonly PythonTrial[], path: string): Promise<TrialSuite> {
  const installed = trials.flatMap(({ outcome }) => (outcome.ok ? [outcome.value] : []));
  const names = new Set(installed.map(({ name, version }) => `${name}@${version}`));
  const components: Component[] = [];
  const lacking: Absent[] = [];
  for (const trial of trials) {
    if (!trial.outcome.ok) continue;
    const env = trial.asked === null ? {} : { PATH: [trial.outcome.value.programs, path].join(delimiter) };
    for (const each of await componentsOfDistribution(trial.outcome.value)) {
      const name = labelled(each.name, trial);
      if ('kind' in each) components.push({ ...each, name, env: { ...each.env, ...env } });
      else lacking.push({ ...each, name });
    }
  }
  const absent = trials.flatMap((trial): Absent[] => {
    const reason = exclusionOf(trial);
    return reason === undefined ? [] : [{ name: labelled('all', trial), reason, onlyWhenNamed: false }];
  });
  const [first] = installed;
  const isPlain = trials.every(({ asked }) => asked === null);
  return {
    // What an index has for one Python may be an older version than for another.
    name: names.size > 1 ? (first?.name ?? null) : ([...names][0] ?? null),
    prepared: trials.map((trial) => preparationOf(trial, names.size === 1)),
    ...{
      components,
      absent,
      lacking,
      path: isPlain && first !== undefined ? [first.programs] : [],
    },
    meant: (wanted) => meant(wanted, trials, components),
  };
}

/** The components that names mean: `init` is that of every Python. */
function meant(
  names: readonly string[],
  trials: readonly PythonTrial[],
  components: readonly Component[],
): readonly string[] {
  const all = components.map(({ name }) => name);
  return names.flatMap((name) => {
    const labels = trials.map((trial) => labelled(name, trial)).filter((each) => all.includes(each));
    return all.includes(name) || labels.length === 0 ? [name] : labels;
  });
}
