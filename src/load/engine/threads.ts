/** Starts the generators: one in this thread, or several in threads of their own. */
import { Worker } from 'node:worker_threads';
import type { LoadPlan } from '../../core/load.ts';
import { Generator } from './generator.ts';
import type { Ended, GeneratorEvents } from './reports.ts';
import type { FromWorker, ToWorker, WorkerInput } from './worker.ts';

/** Milliseconds from when all threads are ready to the start, so that the message reaches each in time. */
const HEADSTART = 20;
/** The same for a single thread: time to create its connections, though not to open them. */
const HEADSTART_ALONE = 5;

export interface Senders {
  readonly stop: (reason: Ended) => void;
  /** The target is about to leave. Resolves with the requests in flight, once all threads know; to be called once. */
  readonly leave: () => Promise<number>;
  /** Sends nothing more. */
  readonly end: () => void;
}

export interface SenderEvents extends GeneratorEvents {
  /** All threads are about to send. */
  readonly onStart: () => void;
}

/** Relative to the bundled chunk that contains this module. */
const WORKER = new URL('../load-worker.js', import.meta.url);

/** Whether there is nobody to send anything. */
const isLocked = ({ scenario }: LoadPlan, isIn: number): boolean => scenario !== null && isIn === 0;

export function startSenders(
  plan: LoadPlan,
  events: SenderEvents,
  onBroken: (error: unknown) => void,
): Senders {
  if (plan.workers === 1) {
    const generator = new Generator(plan, { worker: 0, workers: 1 }, events);
    generator.prepare((isIn) => {
      if (isLocked(plan, isIn)) {
        generator.stop('locked-out');
        return;
      }
      generator.start(performance.now() + HEADSTART_ALONE);
      queueMicrotask(events.onStart);
    });
    return {
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
      if (waitingFor > 0) return;
      if (isLocked(plan, isIn)) {
        send({ type: 'stop', reason: 'locked-out' });
        return;
      }
      send({ type: 'start', at: performance.timeOrigin + performance.now() + HEADSTART });
      events.onStart();
    }
  };
  const workers = Array.from({ length: plan.workers }, (_, index) => {
    const workerData: WorkerInput = { plan, share: { worker: index, workers: plan.workers } };
    const worker = new Worker(WORKER, { workerData });
    worker.on('message', (message: FromWorker) => take(message, index));
    worker.on('error', onBroken);
    return worker;
  });
  return {
    stop: (reason) => send({ type: 'stop', reason }),
    leave: () =>
      new Promise((resolve) => {
        onLeaving = resolve;
        send({ type: 'leave' });
      }),
    end: () => send({ type: 'end' }),
  };
}
