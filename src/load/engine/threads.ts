/** Starts the generators: one in this thread, or several in threads of their own. */
import { Worker } from 'node:worker_threads';
import type { LoadPlan } from '../../core/load.ts';
import type { LoadPart } from '../merge/report.ts';
import { Generator } from './generator.ts';
import type { Ended, GeneratorEvents } from './reports.ts';
import type { Share } from './request/source.ts';
import type { FromWorker, ToWorker, WorkerInput } from './worker.ts';

/** Milliseconds from when all threads are ready to the start, so that the message reaches each in time. */
const HEADSTART = 20;
/** The same for a single thread: time to create its connections, though not to open them. */
const HEADSTART_ALONE = 5;

export interface Senders {
  /** How long before the start they must be told, in milliseconds. */
  readonly headstart: number;
  /** @param at when to send, in milliseconds since 1970; to be called once they are ready */
  readonly start: (at: number) => void;
  readonly stop: (reason: Ended) => void;
  /** The target is about to leave. Resolves with the requests in flight, once all threads know; to be called once. */
  readonly leave: () => Promise<number>;
  /** Sends nothing more. */
  readonly end: () => void;
}

export interface SenderEvents extends GeneratorEvents {
  /** All threads wait for the start, with so many users prepared. */
  readonly onReady: (isIn: number) => void;
}

/** Relative to the bundled chunk that contains this module. */
const WORKER = new URL('../load-worker.js', import.meta.url);

/**
 * Has users prepared, and then waits to be started.
 *
 * @param plan of the whole load, with the threads of this machine
 * @param part which part of it these threads send: with its threads, each machine takes every nth request
 * @param isFree whether this thread may send, if one is enough
 */
export function startSenders(
  plan: LoadPlan,
  { part, parts }: LoadPart,
  events: SenderEvents,
  onBroken: (error: unknown) => void,
  isFree: boolean,
): Senders {
  const shareOf = (thread: number): Share => ({
    worker: part * plan.workers + thread,
    workers: parts * plan.workers,
  });
  if (plan.workers === 1 && isFree) {
    const generator = new Generator(plan, shareOf(0), events);
    // Whoever starts them is to know them by then.
    generator.prepare((isIn) => queueMicrotask(() => events.onReady(isIn)));
    return {
      headstart: HEADSTART_ALONE,
      start: (at) => generator.start(at - performance.timeOrigin),
      stop: (reason) => generator.stop(reason),
      leave: () => new Promise((resolve) => generator.leave(resolve)),
      end: () => generator.end(),
    };
  }
  let waitingFor = plan.workers;
  let isIn = 0;
  const inFlight: number[] = [];
  let onLeaving: (inFlight: number) => void = () => {};
  const send = (message: ToWorker): void => {
    for (const worker of workers) worker.postMessage(message);
  };
  /** How many users of each thread are prepared. */
  const prepared: number[] = [];
  const take = (message: FromWorker, index: number): void => {
    if (message.type === 'window') events.onWindow(message.report);
    else if (message.type === 'end') events.onEnd(message.report);
    else if (message.type === 'preparing') {
      prepared[index] = message.isIn;
      events.onPreparing?.(prepared.reduce((sum, each) => sum + each, 0));
    } else if (message.type === 'leaving') {
      inFlight.push(message.inFlight);
      if (inFlight.length === plan.workers) onLeaving(inFlight.reduce((sum, each) => sum + each));
    } else {
      waitingFor -= 1;
      isIn += message.isIn;
      if (waitingFor === 0) events.onReady(isIn);
    }
  };
  const workers = Array.from({ length: plan.workers }, (_, index) => {
    const workerData: WorkerInput = { plan, share: shareOf(index) };
    const worker = new Worker(WORKER, { workerData });
    worker.on('message', (message: FromWorker) => take(message, index));
    worker.on('error', onBroken);
    return worker;
  });
  return {
    headstart: HEADSTART,
    start: (at) => send({ type: 'start', at }),
    stop: (reason) => send({ type: 'stop', reason }),
    leave: () =>
      new Promise((resolve) => {
        onLeaving = resolve;
        send({ type: 'leave' });
      }),
    end: () => send({ type: 'end' }),
  };
}
