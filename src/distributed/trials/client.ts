/** The command line's side of trials: begins them, or joins some that go on, and tells what comes of each as it comes. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { decodeValues } from '../codec.ts';
import { type Joining, notAttached, notBegun } from '../connection.ts';
import { poolQueue } from '../protocol.ts';
import { firstValue } from '../run-state.ts';
import { indexIn, lostBefore, TRIALS, type TrialsInput, type TrialsOutcome, type Tried } from './protocol.ts';

/** In milliseconds: how often it is looked who has which package. */
const LOOK_EVERY = 1000;
const ASK_AGAIN_AFTER = 500;
/** What the trial of a package takes at most, on average. */
const EACH_WITHIN = 30 * 60_000;
/** How long a server may be away. */
const AWAY_FOR = 60_000;

/** The state of an activity that an agent has, as the server tells it. */
const WITH_AGENT = 2;

/** What has become of the package with that place in the list. */
export type TrialNews =
  | { readonly type: 'begun'; readonly index: number }
  | { readonly type: 'tried'; readonly index: number; readonly tried: Tried }
  /** Nobody has brought it to its end. */
  | {
      readonly type: 'untried';
      readonly index: number;
      readonly why: string;
      readonly lost: readonly string[];
    };

type History = Awaited<ReturnType<Client['workflowService']['getWorkflowExecutionHistory']>>;
type HistoryEvent = NonNullable<NonNullable<History['history']>['events']>[number];

/** What an event says of a package. @param ofTask the places of the packages by their tasks */
async function newsIn(event: HistoryEvent, ofTask: Map<string, number>): Promise<TrialNews | undefined> {
  const scheduled = event.activityTaskScheduledEventAttributes;
  if (scheduled) {
    const index = indexIn(scheduled.activityId);
    if (index !== undefined) ofTask.set(String(event.eventId), index);
    return undefined;
  }
  const completed = event.activityTaskCompletedEventAttributes;
  const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
  const index = ofTask.get(String((completed ?? failed)?.scheduledEventId));
  if (index === undefined) return undefined;
  if (completed) {
    const [tried] = await decodeValues(completed.result?.payloads);
    return { type: 'tried', index, tried: tried as Tried };
  }
  const timeout = failed?.failure?.timeoutFailureInfo ?? failed?.failure?.cause?.timeoutFailureInfo;
  const [told] = await decodeValues(timeout?.lastHeartbeatDetails?.payloads);
  return { type: 'untried', index, why: failed?.failure?.message ?? '', lost: lostBefore(told, 1) };
}

export interface TrialsHost {
  readonly take: (news: TrialNews) => void;
  /** Aborted when nobody waits any more. */
  readonly abandon: AbortSignal;
}

export class TrialsRun {
  readonly id: string;
  readonly input: TrialsInput;
  readonly #client: Client;

  constructor(id: string, input: TrialsInput, client: Client) {
    this.id = id;
    this.input = input;
    this.#client = client;
  }

  /** @returns once agents try packages, or none will; undefined if they do, and else what it came to */
  async begun(abandon: AbortSignal): Promise<TrialsOutcome | undefined> {
    for await (const event of this.#history(abandon)) {
      if (indexIn(event.activityTaskScheduledEventAttributes?.activityId) !== undefined) return undefined;
      const outcome = await outcomeIn(event);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }

  /** Tells what becomes of each package. @returns undefined if the server was away for too long, or nobody waits any more */
  async follow({ take, abandon }: TrialsHost): Promise<TrialsOutcome | undefined> {
    const over = new AbortController();
    const ending = AbortSignal.any([abandon, over.signal]);
    void this.#look(take, ending);
    const ofTask = new Map<string, number>();
    try {
      for await (const event of this.#history(abandon)) {
        const news = await newsIn(event, ofTask);
        if (news !== undefined) take(news);
        const outcome = await outcomeIn(event);
        if (outcome !== undefined) return outcome;
      }
      return undefined;
    } finally {
      over.abort();
    }
  }

  /** Ends it, and the trials that go on. */
  async stop(by: string): Promise<void> {
    for (let left = AWAY_FOR / ASK_AGAIN_AFTER; left > 0; left -= 1)
      try {
        await this.#client.workflow.getHandle(this.id).signal('stop', by);
        return;
      } catch (error) {
        if ((error as Error).name === 'WorkflowNotFoundError') return;
        await delay(ASK_AGAIN_AFTER);
      }
  }

  /** What has happened, from the start, and then as it happens. */
  async *#history(abandon: AbortSignal): AsyncGenerator<HistoryEvent> {
    const { workflowService, options } = this.#client;
    const execution = { workflowId: this.id };
    let nextPageToken: Uint8Array = new Uint8Array();
    let heardAt = performance.now();
    while (!abandon.aborted && performance.now() - heardAt < AWAY_FOR) {
      let page: History;
      try {
        const asked = { namespace: options.namespace, execution, nextPageToken, waitNewEvent: true };
        page = await workflowService.getWorkflowExecutionHistory(asked);
      } catch {
        await delay(ASK_AGAIN_AFTER);
        continue;
      }
      heardAt = performance.now();
      yield* page.history?.events ?? [];
      nextPageToken = page.nextPageToken ?? new Uint8Array();
      if (nextPageToken.length === 0) return;
    }
  }

  /** Who has a task is in the history only once that has ended. */
  async #look(take: (news: TrialNews) => void, end: AbortSignal): Promise<void> {
    const { workflowService, options } = this.#client;
    while (!end.aborted) {
      try {
        const execution = { workflowId: this.id };
        const asked = { namespace: options.namespace, execution };
        const { pendingActivities } = await workflowService.describeWorkflowExecution(asked);
        for (const { activityId, state } of pendingActivities ?? []) {
          const index = indexIn(activityId);
          if (index !== undefined && state === WITH_AGENT && !end.aborted) take({ type: 'begun', index });
        }
      } catch {
        // It is asked again.
      }
      await delay(LOOK_EVERY, undefined, { ref: false });
    }
  }
}

/** What the run came to, if that is what the event says. */
async function outcomeIn(event: HistoryEvent): Promise<TrialsOutcome | undefined> {
  const completed = event.workflowExecutionCompletedEventAttributes;
  if (completed) return (await decodeValues(completed.result?.payloads))[0] as TrialsOutcome;
  const { failure } = event.workflowExecutionFailedEventAttributes ?? {};
  if (failure) return { type: 'deserted', why: `the workflow failed: ${failure.message ?? ''}` };
  if (event.workflowExecutionTimedOutEventAttributes)
    return { type: 'deserted', why: 'nobody was there to carry it out in time' };
  const isEnded =
    event.workflowExecutionTerminatedEventAttributes ?? event.workflowExecutionCanceledEventAttributes;
  return isEnded ? { type: 'deserted', why: 'somebody has ended the workflow' } : undefined;
}

/** @returns milliseconds after which the server ends the run, whoever is there: far more than it takes */
export const openFor = ({ packages, agents, jobs, attendWithinMs }: TrialsInput): number =>
  2 * attendWithinMs + (1 + Math.ceil(packages.length / (agents * jobs))) * EACH_WITHIN;

export async function beginTrials(
  input: TrialsInput,
  client: Client,
  { pool }: Pick<Joining, 'pool'>,
): Promise<Result<TrialsRun, Diagnostic>> {
  const id = `shakedown-packages-${randomUUID()}`;
  try {
    await client.workflow.start(TRIALS, {
      ...{ workflowId: id, taskQueue: poolQueue(pool), args: [input] },
      workflowExecutionTimeout: openFor(input),
    });
  } catch (error) {
    return err(notBegun(error));
  }
  return ok(new TrialsRun(id, input, client));
}

/** Joins trials that go on, or have ended. */
export async function joinTrials(id: string, client: Client): Promise<Result<TrialsRun, Diagnostic>> {
  try {
    const input = (await firstValue(client, { workflowId: id })) as TrialsInput;
    if (!Array.isArray(input?.packages)) throw new Error('it is no run of `shakedown package --list`');
    return ok(new TrialsRun(id, input, client));
  } catch (error) {
    return err(notAttached(id, error, 'shakedown package'));
  }
}
