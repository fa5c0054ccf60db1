/** How the command line waits for a run, against a server that comes and goes. */
import type { WorkflowStartOptions } from '@temporalio/client';
import { expect, test } from 'vitest';
import { ClientSide, ClusterRun } from '../../../src/distributed/client.ts';
import { decidedWithin } from '../../../src/distributed/patience.ts';
import type { RunInput, RunOutcome } from '../../../src/distributed/protocol.ts';
import { planFor } from '../load/plans.ts';

const named = (name: string, message: string, cause?: Error): Error =>
  Object.assign(new Error(message, cause && { cause }), { name });

/** @param answers of the server when it is asked for the result, one after the other */
function runWith(...answers: readonly (Error | RunOutcome)[]): ClusterRun {
  const left = [...answers];
  const result = async (): Promise<RunOutcome> => {
    const next = left.shift();
    if (next === undefined || next instanceof Error) throw next ?? named('Error', 'asked too often');
    return next;
  };
  const input = { plan: planFor('http://127.0.0.1:1'), agents: 2 } as RunInput;
  return new ClusterRun('run', input, {
    client: { workflow: { getHandle: () => ({ result }) } },
  } as unknown as ClientSide);
}

const never = new AbortController().signal;
const host = { signal: never, abandon: never, onProgress: () => {}, onAway: () => {} };
const AWAY = named('ServiceError', '14 UNAVAILABLE: no connection');

test('a result that the server did not give is asked for again', async () => {
  const outcome: RunOutcome = { type: 'not-begun', why: 'because', stoppedBy: null };
  expect(await runWith(AWAY, AWAY, outcome).outcome(host)).toEqual(outcome);
});

test.for([
  [
    named('WorkflowFailedError', 'Workflow execution timed out', named('TimeoutFailure', 'timed out')),
    'the server has ended the run: nobody was there to carry it out in time',
  ],
  [
    named(
      'WorkflowFailedError',
      'Workflow execution terminated',
      named('TerminatedFailure', 'size exceeds limit'),
    ),
    'the server has ended the run: size exceeds limit',
  ],
  [named('WorkflowNotFoundError', 'not found'), 'the server does not know the run any more'],
] as const)('a run that the server has ended is given up: %s', async ([error, why]) => {
  expect(await runWith(AWAY, error).outcome(host)).toEqual({ type: 'given-up', why });
});

test('a run that nobody decides goes to another host before that looks like an absence of the server', async () => {
  const started: WorkflowStartOptions[] = [];
  const start = async (_: string, options: WorkflowStartOptions): Promise<void> => void started.push(options);
  const side: ClientSide = Object.assign(Object.create(ClientSide.prototype) as object, {
    client: { workflow: { start } },
  }) as unknown as ClientSide;
  await side.begin(planFor('http://127.0.0.1:1'), {
    ...{ version: '1.0.0', pool: 'east', agents: 2, attendWithinMs: 1000 },
  });
  expect(started).toMatchObject([{ taskQueue: 'shakedown-east', workflowTaskTimeout: decidedWithin(2) }]);
});
