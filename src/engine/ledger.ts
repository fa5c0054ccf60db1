/** The state of a run that its end needs: a fold over its events. */
import type { RunEvent } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import { sharedComponent } from '../core/shared.ts';
import type { Verdict } from '../core/verdict.ts';
import { foldVerdicts } from '../core/verdict.ts';
import { consequenceOf, verdictOf } from '../kinds/index.ts';

/** Who is to blame for a failure. */
type Culprit = 'suite' | 'shakedown';

/** A component without a final event. */
export interface Unfinished {
  readonly name: string;
  /** The current attempt; 0 before the first. */
  readonly attempt: number;
  /** On the clock of the events. */
  readonly sinceMs: number;
}

export class Ledger {
  /** By name: what is started once more has the verdict of that time. */
  readonly #verdicts = new Map<string, Verdict>();
  readonly #notes: Verdict[] = [];
  readonly #culprits = new Map<string, Culprit>();
  readonly #findings = new Map<string, Finding[]>();
  readonly #unfinished = new Map<string, Unfinished>();
  /** Whether a `run-started` event was emitted. */
  hasBegun = false;
  /** Whether the command line has turned out to be wrong. */
  isMisused = false;

  /** @param names of the components that are to run */
  constructor(names: readonly string[]) {
    for (const name of names) this.#unfinished.set(name, { name, attempt: 0, sinceMs: 0 });
  }

  take(event: RunEvent & { readonly elapsedMs: number }): void {
    if (event.type === 'run-started') this.hasBegun = true;
    else if (event.type === 'component-started') {
      const { component: name, attempt } = event;
      this.#findings.set(name, []);
      const sinceMs = attempt === 1 ? event.elapsedMs : (this.#unfinished.get(name)?.sinceMs ?? 0);
      this.#unfinished.set(name, { name, attempt, sinceMs });
    } else if (event.type === 'finding') this.#findings.get(event.component)?.push(event.finding);
    else if (event.type === 'component-finished') this.#end(event.component, event.verdict);
    else if (event.type === 'component-skipped') this.#end(event.component, 'skipped');
    else if (event.type === 'setup-finished' && event.outcome === 'failed') {
      this.#findings.set(`setup:${event.step}`, [...event.findings]);
      this.#end(`setup:${event.step}`, verdictOf(event.findings));
    } else if (event.type === 'shared-started') {
      this.#verdicts.delete(sharedComponent(event.shared));
      this.#culprits.delete(sharedComponent(event.shared));
    } else if (event.type === 'teardown-finished' && event.outcome === 'failed') {
      const name = `${event.kind}:${event.step}`;
      this.#findings.set(name, [...event.findings]);
      this.#end(name, verdictOf(event.findings));
    } else if (event.type === 'shared-finished' && event.outcome === 'failed') {
      const name = sharedComponent(event.shared);
      this.#findings.set(name, [...event.findings]);
      this.#end(name, verdictOf(event.findings));
    } else if (event.type === 'run-note') this.#notes.push(this.#ofNote(event.finding));
  }

  #end(name: string, verdict: Verdict): void {
    this.#unfinished.delete(name);
    this.#verdicts.set(name, verdict);
    if (verdict !== 'failed') return;
    const failing = (this.#findings.get(name) ?? []).filter((finding) => consequenceOf(finding) === 'failed');
    const isOurs = failing.length > 0 && failing.every(({ code }) => code === 'internal-error');
    this.#culprits.set(name, isOurs ? 'shakedown' : 'suite');
  }

  /** Notes can only make the verdict worse. */
  #ofNote(finding: Finding): Verdict {
    const verdict = verdictOf([finding]);
    if (finding.code === 'unknown-fault') this.isMisused = true;
    if (verdict === 'failed')
      this.#culprits.set('', finding.code === 'internal-error' ? 'shakedown' : 'suite');
    return verdict === 'passed' ? 'skipped' : verdict;
  }

  unfinished(): Unfinished[] {
    return [...this.#unfinished.values()];
  }

  /** Whether a component has failed solely because of Shakedown. */
  isOurFailure(name: string): boolean {
    return this.#culprits.get(name) === 'shakedown';
  }

  /** Whether there are failures, all of them solely because of Shakedown. */
  get allOurs(): boolean {
    return this.#culprits.size > 0 && ![...this.#culprits.values()].includes('suite');
  }

  /** The verdict of some of the components. */
  verdictOf(names: readonly string[]): Verdict {
    return foldVerdicts(names.map((name) => this.#verdicts.get(name) ?? 'skipped'));
  }

  get verdict(): Verdict {
    return foldVerdicts([...this.#verdicts.values(), ...this.#notes]);
  }
}
