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
}

/** Relative to the bundled chunk that contains this module. */
const WORKER = new URL('../load-worker.js', import.meta.url);

/** Whether there is nobody to send anything. */
const isLocked = ({ scenario }: LoadPlan, isIn: number): boolean => scenario !== null && isIn === 0;

export function startSenders(
  plan: LoadPlan,
  events: GeneratorEvents,
  onBroken: (error: unknown) => void,
): Senders {
  if (plan.workers === 1) {
    const generator = new Generator(plan, { worker: 0, workers: 1 }, events);
    generator.prepare((isIn) => {
      if (isLocked(plan, isIn)) generator.stop('locked-out');
      else generator.start(performance.now() + HEADSTART_ALONE);
    });
    return generator;
  }
  let waitingFor = plan.workers;
  let isIn = 0;
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
    } else {
      waitingFor -= 1;
      isIn += message.isIn;
      if (waitingFor > 0) return;
      if (isLocked(plan, isIn)) send({ type: 'stop', reason: 'locked-out' });
      else send({ type: 'start', at: performance.timeOrigin + performance.now() + HEADSTART });
    }
  };
  const workers = Array.from({ length: plan.workers }, (_, index) => {
    const workerData: WorkerInput = { plan, share: { worker: index, workers: plan.workers } };
    const worker = new Worker(WORKER, { workerData });
    worker.on('message', (message: FromWorker) => take(message, index));
    worker.on('error', onBroken);
    return worker;
  });
  return { stop: (reason) => send({ type: 'stop', reason }) };
}
