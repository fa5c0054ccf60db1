/** What the server knows of a run, for those who ask: its input, and the last that each agent has told. */
import type { Client } from '@temporalio/client';
import { secrets } from '../core/secrets.ts';
import type { LoadReport } from '../load/merge/index.ts';
import { loaded } from './cargo.ts';
import { decodeValues } from './codec.ts';
import { partOf, pieceId, type RunInput } from './protocol.ts';

/** Which run. */
export interface RunId {
  readonly workflowId: string;
  readonly runId?: string;
}

/** @returns what an execution began with, from its first event */
export async function firstValue({ workflowService, options }: Client, execution: RunId): Promise<unknown> {
  const { history } = await workflowService.getWorkflowExecutionHistory({
    namespace: options.namespace,
    execution,
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const [value] = await decodeValues(started?.input?.payloads);
  return value;
}

/** @returns what a run began with, with all of its plan */
export async function readInput(client: Client, execution: RunId): Promise<RunInput> {
  const input = (await firstValue(client, execution)) as RunInput;
  if (!Array.isArray(input?.pieces)) throw new Error('it is no load');
  const contents: string[] = [];
  for (const hash of input.pieces)
    contents.push((await firstValue(client, { workflowId: pieceId(hash) })) as string);
  const run = { ...input, plan: await loaded(input.plan, contents) };
  // Whatever is quoted of the load from here on is masked by what this process knows.
  secrets.learn({ target: run.plan.target, requests: run.plan.requests });
  return run;
}

/** The state of an activity that an agent has, as the server tells it. */
const WITH_AGENT = 2;

/** Of an agent that is to tell what it has measured. */
export interface Telling {
  readonly part: number;
  /** When it last has, by the server; null: not since it was asked. */
  readonly toldAt: string | null;
  readonly read: () => Promise<LoadReport | undefined>;
}

export interface Progress {
  /** What the agents call themselves that hold a seat, each under its part. */
  readonly names: ReadonlyMap<number, string>;
  /** How many of them are prepared or preparing. */
  readonly preparing: number;
  readonly telling: readonly Telling[];
}

export async function readProgress(
  { workflowService, options }: Client,
  execution: RunId,
): Promise<Progress> {
  const { pendingActivities } = await workflowService.describeWorkflowExecution({
    namespace: options.namespace,
    execution,
  });
  const all = (pendingActivities ?? []).flatMap((each) => {
    const part = partOf(each.activityId ?? '');
    return part === undefined ? [] : [{ ...each, part, type: each.activityType?.name ?? '' }];
  });
  const withAgent = all.filter(({ state }) => state === WITH_AGENT);
  return {
    names: new Map(
      withAgent
        .filter(({ type }) => type === 'attend')
        .map(({ part, lastWorkerIdentity }) => [part, lastWorkerIdentity ?? '']),
    ),
    preparing: withAgent.filter(({ type }) => type === 'prepare').length,
    telling: all
      .filter(({ type }) => type === 'drive' || type === 'collect')
      .map(({ part, lastHeartbeatTime, heartbeatDetails }) => {
        const payloads = heartbeatDetails?.payloads ?? [];
        const toldAt =
          payloads.length === 0 ? null : `${lastHeartbeatTime?.seconds}.${lastHeartbeatTime?.nanos}`;
        const read = async () => (await decodeValues(payloads))[0] as LoadReport | undefined;
        return { part, toldAt, read };
      }),
  };
}
