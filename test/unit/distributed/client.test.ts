/** How the command line waits for a run, against a server that comes and goes. */
import { expect, test } from 'vitest';
import { type ClientSide, ClusterRun } from '../../../src/distributed/client.ts';
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
