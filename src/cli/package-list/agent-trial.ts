/** What an agent does with a package: a run of a list of one, with all that a run has to leave nothing behind. */
import { EventEmitter } from 'node:events';
import { availableParallelism } from 'node:os';
import type { Stamped } from '../../core/event.ts';
import { failureFinding } from '../../core/failure.ts';
import type { Finding } from '../../core/finding.ts';
import { secrets } from '../../core/secrets.ts';
import type { StopReason } from '../../core/stop-reason.ts';
import type { Trial, TrialOrder } from '../../distributed/trials/protocol.ts';
import { runPlan } from '../../engine/run.ts';
import type { RunControl, RunRequests } from '../../engine/run-context.ts';
import { consequenceOf } from '../../kinds/index.ts';
import { planRun } from '../../plan/plan.ts';
import { openTierAsGuest } from '../../process/ownership/tiers/choose.ts';
import type { Program } from '../flags.ts';
import { hostOf } from '../run.ts';
import { isRegistered, parseTriedSpec } from '../tried-package.ts';
import { suiteOf } from './suite.ts';

const NEVER = new AbortController().signal;

/** @param end aborted when it is to end */
function controlBy(end: AbortSignal): RunControl {
  const stop = new AbortController();
  let crash: Finding | undefined;
  const onEnd = (): void => stop.abort({ type: 'interrupted', signal: 'SIGTERM' } satisfies StopReason);
  if (end.aborted) onEnd();
  else end.addEventListener('abort', onEnd, { once: true });
  return {
    ...{ stop: stop.signal, hurry: NEVER, abandon: NEVER, requests: new EventEmitter<RunRequests>() },
    onCrash: (error) => {
      crash ??= failureFinding(error, undefined, 'this error');
      stop.abort({ type: 'crashed', message: crash.message } satisfies StopReason);
    },
    crash: () => crash,
  };
}

/** What was found about the package, and about the run if that is more than a note. */
class Found {
  readonly findings: Finding[] = [];
  #hasEnded = false;
  durationMs = 0;

  take = (event: Stamped): void => {
    if (event.type === 'finding') this.findings.push(event.finding);
    else if (event.type === 'run-note' && consequenceOf(event.finding) !== 'note')
      this.findings.push(event.finding);
    else if (event.type === 'component-finished') {
      this.#hasEnded = true;
      this.durationMs = event.durationMs;
    }
  };

  trial(name: string): Trial {
    const { durationMs } = this;
    const message = `the trial of ${name} did not get to its end`;
    const untried: Finding[] = this.#hasEnded ? [] : [{ code: 'package-untried', message }];
    return { findings: secrets.concealAll([...this.findings, ...untried]), durationMs };
  }
}

/**
 * Tries a package in the folder that the agent was started in, which keeps the logs.
 *
 * @param stop aborted when it is to end; then what it came to says nothing
 */
export async function tryForOthers(
  { package: name, jobs, options }: TrialOrder,
  stop: AbortSignal,
  program: Program,
): Promise<Trial> {
  const { cwd } = program;
  const spec = parseTriedSpec(name, cwd);
  if (!spec.ok || !isRegistered(spec.value)) {
    const message = `${name} is not the name of a package in a registry, and an agent tries nothing else`;
    return { findings: [{ code: 'package-untried', message }], durationMs: 0 };
  }
  const each = Math.max(1, Math.floor(availableParallelism() / jobs));
  const suite = suiteOf([{ name, spec: spec.value }], 'packages', cwd, { ...options, jobs: each });
  const plan = planRun(suite, [], { jobs: 1, keepGoing: true, repeat: 1 });
  if (!plan.ok) throw new Error(plan.error.map(({ message }) => message).join('; '));
  const found = new Found();
  const ends = { terminal: { sink: found.take }, signals: { control: controlBy(stop) } };
  const host = hostOf(ends, await openTierAsGuest(program.clock), program);
  await runPlan(plan.value, host);
  return found.trial(name);
}
