/** Runs a config once, as `shakedown` will run it, for a limited time, before it is written. */
import { ok, type Result } from '../../core/result.ts';
import type { StopReason } from '../../core/stop-reason.ts';
import type { Ms } from '../../core/units.ts';
import type { EventSink } from '../../engine/emitter.ts';
import { consequenceOf } from '../../kinds/index.ts';
import type { Proposal } from '../../starter/proposal.ts';
import type { Rehearsed } from '../../starter/tried.ts';
import type { Program } from '../flags.ts';
import { runDraft } from './draft.ts';
import { NOT_ITS_FAULT } from './trial.ts';

/** How long all components together may take. */
export const REHEARSED_WITHIN = 60_000 as Ms;

/** The results of a rehearsal, folded from the events of its run. */
class Course {
  /** By component; for a failed setup step, under `setup`. */
  readonly outcomes = new Map<string, Rehearsed>();
  readonly #logs = new Map<string, string | null>();
  /** Findings about components that are stopped are not their fault. */
  readonly #isLate: () => boolean;

  constructor(late: AbortSignal) {
    this.#isLate = () => late.aborted;
  }

  sink: EventSink = (event) => {
    if (event.type === 'component-started') this.#logs.set(event.component, event.logFile);
    else if (event.type === 'finding' && consequenceOf(event.finding) !== 'note') {
      const { component, finding } = event;
      if (this.outcomes.has(component) || this.#isLate()) return;
      const logFile = this.#logs.get(component) ?? null;
      const isItsFault = !NOT_ITS_FAULT.includes(finding.code);
      const outcome = isItsFault
        ? ({ type: 'failed', finding, logFile } as const)
        : ({ type: 'untried', why: finding.message } as const);
      this.outcomes.set(component, outcome);
    } else if (event.type === 'setup-finished' && event.outcome === 'failed') {
      const [finding] = event.findings.filter((finding) => consequenceOf(finding) !== 'note');
      if (finding !== undefined)
        this.outcomes.set('setup', { type: 'failed', finding, logFile: event.logFile });
    } else if (event.type === 'component-finished' && event.verdict === 'passed')
      this.outcomes.set(event.component, { type: 'passed', afterMs: event.durationMs });
  };
}

/**
 * @param names of the components
 * @param within how long, in milliseconds, they may take together; what is not done by then is stopped
 * @param sink receives the events of the run
 * @returns the result of each, and under `setup` that of a failed setup; or the signal that interrupted it; or why there
 *   could be no run
 */
export async function rehearse(
  { suite }: Proposal,
  names: readonly string[],
  within: Ms,
  program: Program,
  sink: EventSink,
): Promise<Result<ReadonlyMap<string, Rehearsed> | NodeJS.Signals, string>> {
  const late = new AbortController();
  const course = new Course(late.signal);
  let isArmed = false;
  let disarm = (): void => {};
  // The setup is not limited.
  const limit: EventSink = ({ type }) => {
    if (type !== 'component-started' || isArmed) return;
    isArmed = true;
    const because = 'it took too long to try';
    disarm = program.clock.after(within, () =>
      late.abort({ type: 'obsolete', because } satisfies StopReason),
    );
  };
  try {
    const run = await runDraft(suite, names, program, (host) => ({
      ...host,
      control: { ...host.control, stop: AbortSignal.any([host.control.stop, late.signal]) },
      sinks: [course.sink, limit, sink],
    }));
    if (!run.ok) return run;
    if (run.value !== undefined) return ok(run.value);
  } finally {
    disarm();
  }
  const { outcomes } = course;
  if (!outcomes.has('setup'))
    for (const name of names) if (!outcomes.has(name)) outcomes.set(name, { type: 'unfinished' });
  return ok(outcomes);
}
