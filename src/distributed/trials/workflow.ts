/**
 * Trials of many packages, as the server carries them out: each is a task that any agent with a seat may take. What becomes of the task
 * of an agent that is lost is decided by the server's own retry. Bundled for Temporal's sandbox, as all workflows.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import {
  REFUSED,
  type TrialActivities,
  type TrialSeatActivities,
  type TrialsInput,
  type TrialsOutcome,
  type TrialsSeated,
  trialId,
  trialsQueue,
} from './protocol.ts';

const seatedSignal = defineSignal<[TrialsSeated]>('seated');
const stopSignal = defineSignal<[string]>('stop');

/** More than any trial takes: it ends by limits of its own. */
const TRIAL_WITHIN = '2h';
/** An agent that tells nothing for so long is lost: a server that is away for less than that finds all of them as they were. */
const SILENT_FOR = '30s';
/** So many agents may lose a package before it is given up: it may be the package that loses them. */
const ATTEMPTS = 3;
/** As many tasks as wait for each that is being done. The server takes 2000 at a time from a run. */
const AHEAD = 2;
const MOST_AT_A_TIME = 1000;

/** Why an agent does not take a seat; undefined if it was lost or is leaving. */
function refusalIn(error: unknown): string | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === REFUSED ? cause.message : undefined;
}

class Trials {
  readonly #input: TrialsInput;
  readonly #seats = new Map<number, string>();
  readonly #refusals: string[] = [];
  #stoppedBy: string | null = null;
  #isOver = false;

  constructor(input: TrialsInput) {
    this.#input = input;
    setHandler(seatedSignal, ({ seat, name }) => void this.#seats.set(seat, name));
    setHandler(stopSignal, (by) => {
      this.#stoppedBy ??= by;
    });
  }

  /** An agent that is lost or leaves makes room for another, as long as the run goes on. */
  async #hold(seat: number): Promise<void> {
    const { version, jobs } = this.#input;
    const { attendTrials } = proxyActivities<TrialSeatActivities>({
      startToCloseTimeout: '30d',
      heartbeatTimeout: SILENT_FOR,
      retry: { maximumAttempts: 1 },
    });
    while (!this.#isOver)
      try {
        await attendTrials({ seat, version, jobs });
        return;
      } catch (error) {
        if (isCancellation(error)) return;
        this.#seats.delete(seat);
        const refusal = refusalIn(error);
        if (refusal !== undefined && !this.#refusals.includes(refusal)) this.#refusals.push(refusal);
        await sleep('1s');
      }
  }

  async conduct(): Promise<TrialsOutcome> {
    const { agents, attendWithinMs } = this.#input;
    const holding = new CancellationScope();
    const held = holding.run(() =>
      Promise.all(Array.from({ length: agents }, (_, seat) => this.#hold(seat))),
    );
    held.catch(() => {});
    const isDecided = (): boolean =>
      this.#seats.size === agents || this.#stoppedBy !== null || this.#refusals.length > 0;
    try {
      const isHeard = await condition(isDecided, attendWithinMs);
      if (this.#stoppedBy !== null) return { type: 'stopped', by: this.#stoppedBy };
      if (this.#refusals.length > 0) return { type: 'refused', why: this.#refusals };
      if (isHeard) return await this.#carryOut();
      const came = `only ${this.#seats.size} of ${agents} agents came within ${attendWithinMs / 1000} s`;
      return { type: 'deserted', why: came };
    } finally {
      this.#isOver = true;
      holding.cancel();
    }
  }

  async #carryOut(): Promise<TrialsOutcome> {
    const trying = new CancellationScope();
    const all = trying.run(() => this.#tryAll()).then((): TrialsOutcome => ({ type: 'ended' }));
    const outcome = await Promise.race([all, this.#stopped(), this.#deserted()]);
    trying.cancel();
    await all.catch(() => {});
    return outcome;
  }

  async #tryAll(): Promise<void> {
    const { agents, jobs, packages, options } = this.#input;
    const waiting = packages.entries();
    const next = async (): Promise<void> => {
      for (const [index, name] of waiting) {
        const { tryPackage } = proxyActivities<TrialActivities>({
          activityId: trialId(index),
          taskQueue: trialsQueue(workflowInfo().workflowId),
          startToCloseTimeout: TRIAL_WITHIN,
          heartbeatTimeout: SILENT_FOR,
          retry: { maximumAttempts: ATTEMPTS, backoffCoefficient: 1 },
        });
        try {
          await tryPackage({ package: name, jobs, options });
        } catch (error) {
          // What has failed is in the history.
          if (isCancellation(error)) return;
        }
      }
    };
    const lanes = Math.min(packages.length, agents * jobs * AHEAD, MOST_AT_A_TIME);
    await Promise.all(Array.from({ length: lanes }, next));
  }

  async #stopped(): Promise<TrialsOutcome> {
    await condition(() => this.#stoppedBy !== null);
    return { type: 'stopped', by: this.#stoppedBy ?? '' };
  }

  /** Nobody has been there for as long as agents may take to come. */
  async #deserted(): Promise<TrialsOutcome> {
    const { attendWithinMs } = this.#input;
    do await condition(() => this.#seats.size === 0);
    while (await condition(() => this.#seats.size > 0, attendWithinMs));
    return { type: 'deserted', why: `no agent was left for ${attendWithinMs / 1000} s` };
  }
}

export const shakedownTrials = (input: TrialsInput): Promise<TrialsOutcome> => new Trials(input).conduct();
