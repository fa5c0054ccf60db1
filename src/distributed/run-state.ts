/** What the server knows of a run, for those who ask: its input, and the last that each agent has told. */
import type { Client } from '@temporalio/client';
import { secrets } from '../core/secrets.ts';
import type { LoadReport } from '../load/merge/index.ts';
import { loaded } from './cargo.ts';
import { decodeValues } from './codec.ts';
import { pieceId, type RunInput } from './protocol.ts';

/** Which run. */
export interface RunId {
  readonly workflowId: string;
  readonly runId?: string;
}

/** @returns what an execution began with, from its first event */
async function firstValue({ workflowService, options }: Client, execution: RunId): Promise<unknown> {
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
  const contents: string[] = [];
  for (const hash of input.pieces)
    contents.push((await firstValue(client, { workflowId: pieceId(hash) })) as string);
  const run = { ...input, plan: await loaded(input.plan, contents) };
  // Whatever is quoted of the load from here on is masked by what this process knows.
  secrets.learn({ target: run.plan.target, requests: run.plan.requests });
  return run;
}

/** States of an activity, as the server tells them: nobody has it yet, or an agent does. */
const WAITING = 1;
const WITH_AGENT = 2;

export interface Progress {
  /** Agents that hold a seat, and are prepared or preparing. */
  readonly attending: number;
  readonly preparing: number;
  /** Agents that have fallen silent, and are being asked. */
  readonly silent: number;
  /** Of the agents that are sending, their latest. */
  readonly reports: readonly LoadReport[];
}

export async function readProgress(
  { workflowService, options }: Client,
  execution: RunId,
): Promise<Progress> {
  const { pendingActivities } = await workflowService.describeWorkflowExecution({
    namespace: options.namespace,
    execution,
  });
  const all = pendingActivities ?? [];
  const named = (state: number, ...names: readonly string[]) =>
    all.filter((each) => each.state === state && names.includes(each.activityType?.name ?? ''));
  const reports = await Promise.all(
    named(WITH_AGENT, 'drive', 'collect').map(({ heartbeatDetails }) =>
      decodeValues(heartbeatDetails?.payloads),
    ),
  );
  return {
    attending: named(WITH_AGENT, 'attend').length,
    preparing: named(WITH_AGENT, 'prepare').length,
    silent: named(WAITING, 'collect').length,
    reports: reports.flatMap(([report]) => (report === undefined ? [] : [report as LoadReport])),
  };
}
