/** The names of a run's trials in events, logs and folders. */
import { showFault, type TrialName } from '../core/proof.ts';

const LONGEST = 60;

export class TrialNames {
  readonly #given = new Set<string>();

  /** `http~status-500`. Names are unique, and valid as file names. */
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
