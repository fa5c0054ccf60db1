/** The names by which events, logs and folders know the trials of a run. */
import { showFault, type TrialName } from '../core/proof.ts';

const LONGEST = 60;

export class TrialNames {
  readonly #given = new Set<string>();

  /** `http~status-500`; no two are alike, and all can be names of files. */
  next(trial: Pick<TrialName, 'of' | 'fault' | 'subject'>): string {
    const words = showFault(trial)
      .replace(/[^\w.-]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, LONGEST);
    const base = `${trial.of}~${words}`;
    let name = base;
    for (let count = 2; this.#given.has(name); count++) name = `${base}-${count}`;
    this.#given.add(name);
    return name;
  }
}
