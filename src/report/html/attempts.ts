/** What each attempt at a component found, and where its log is; the state of a run has the last one only. */
import type { Finding } from '../../core/finding.ts';
import type { Fold } from './fold.ts';

export interface Attempt {
  readonly attempt: number;
  readonly logFile: string | null;
  readonly findings: readonly Finding[];
}

/** By component, in order. Passes that are repeated are one attempt: they share a log. */
export type Attempts = Readonly<Record<string, readonly Attempt[]>>;

export function foldAttempts(): Fold<Attempts> {
  const all = new Map<string, Map<number, Attempt>>();
  return {
    take: (event) => {
      if (event.type === 'component-started') {
        const { component, attempt, logFile } = event;
        const own = all.get(component) ?? new Map<number, Attempt>();
        all.set(component, own.set(attempt, { attempt, logFile, findings: [] }));
      }
      if (event.type === 'finding') {
        const { component, attempt, finding } = event;
        const known = all.get(component)?.get(attempt);
        if (known !== undefined)
          all.get(component)?.set(attempt, { ...known, findings: [...known.findings, finding] });
      }
    },
    kept: () => Object.fromEntries([...all].map(([name, own]) => [name, [...own.values()]])),
  };
}
