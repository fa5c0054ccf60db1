/**
 * Runs components again and again, in rounds, as somebody asks for them: what `shakedown watch` does, in place of running them
 * once. Services of the suite stay up between the rounds.
 */
import type { PlannedComponent } from '../core/plan.ts';
import { untilAborted } from '../core/stop-reason.ts';
import type { Verdict } from '../core/verdict.ts';
import { attemptComponent } from './attempt.ts';
import { type Course, type PreparedRun, runComponents } from './course.ts';

/** What to run next. */
export interface Round {
  /** Names of components. */
  readonly components: readonly string[];
  /** Services and tasks to start anew, with what needs them. */
  readonly renew: readonly string[];
  /** For people: `src/api.ts changed`. */
  readonly because: string;
}

export class Watched {
  readonly #next: (verdicts: ReadonlyMap<string, Verdict>) => Promise<Round | undefined>;
  readonly #verdicts = new Map<string, Verdict>();
  /** How often each has been attempted. */
  readonly #attempts = new Map<string, number>();

  /**
   * @param next waits for the next round; undefined ends it. It gets the last verdict of each component.
   */
  constructor(next: (verdicts: ReadonlyMap<string, Verdict>) => Promise<Round | undefined>) {
    this.#next = next;
  }

  /** For `runPlan`. */
  readonly course: Course = async (prepared) => {
    const { run, pool } = prepared;
    pool.stayUp();
    while (!run.control.stop.aborted) {
      const round = await untilAborted(this.#next(this.#verdicts), run.control.stop);
      if (round === undefined || run.control.stop.aborted) return;
      await pool.renew(round.renew);
      await this.#runRound(round, prepared);
    }
  };

  async #runRound(round: Round, prepared: PreparedRun): Promise<void> {
    const { run, env, pool, ledger } = prepared;
    const components = this.#selected(round.components, run.plan.components);
    const names = components.map(({ component }) => component.name);
    const startedAt = run.clock.now();
    run.emit({ type: 'round-started', components: names, because: round.because });
    const emit = (event: Parameters<typeof run.emit>[0]): void => {
      if (event.type === 'component-finished') {
        this.#verdicts.set(event.component, event.verdict);
        this.#attempts.set(event.component, event.attempts);
      }
      if (event.type === 'component-skipped') this.#verdicts.set(event.component, 'skipped');
      run.emit(event);
    };
    const plan = { ...run.plan, components };
    const of: PreparedRun = { ...prepared, run: { ...run, plan, emit } };
    await runComponents(of, ({ component }, stop) =>
      attemptComponent(
        component,
        { ...run, plan, emit, env, pool, stop },
        component.name,
        (this.#attempts.get(component.name) ?? 0) + 1,
      ),
    );
    if (run.control.stop.aborted) return;
    const durationMs = run.clock.now() - startedAt;
    run.emit({ type: 'round-finished', components: names, verdict: ledger.verdictOf(names), durationMs });
  }

  /** With those that need one of them, and with what they need if that has not passed. */
  #selected(names: readonly string[], all: readonly PlannedComponent[]): PlannedComponent[] {
    const chosen = new Set(names);
    const hasPassed = (name: string): boolean => this.#verdicts.get(name) === 'passed';
    let before = -1;
    while (before !== chosen.size) {
      before = chosen.size;
      for (const { component, after } of all) {
        if (after.some((name) => chosen.has(name))) chosen.add(component.name);
        if (chosen.has(component.name)) for (const name of after) if (!hasPassed(name)) chosen.add(name);
      }
    }
    return all
      .filter(({ component }) => chosen.has(component.name))
      .map((planned) => ({ ...planned, after: planned.after.filter((name) => chosen.has(name)) }));
  }
}
