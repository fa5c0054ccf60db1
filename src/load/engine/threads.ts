/** Starts the generators: one in this thread, or several in threads of their own. */
import { Worker } from 'node:worker_threads';
import type { LoadPlan } from '../../core/load.ts';
import { type Ended, Generator, type GeneratorEvents } from './generator.ts';
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

export function startSenders(
  plan: LoadPlan,
  events: GeneratorEvents,
  onBroken: (error: unknown) => void,
): Senders {
  if (plan.workers === 1) {
    const generator = new Generator(
      plan,
      { worker: 0, workers: 1 },
      performance.now() + HEADSTART_ALONE,
      events,
    );
    generator.start();
    return generator;
  }
  let waitingFor = plan.workers;
  const send = (message: ToWorker): void => {
    for (const worker of workers) worker.postMessage(message);
  };
  const take = (message: FromWorker): void => {
    if (message.type === 'window') events.onWindow(message.report);
    else if (message.type === 'end') events.onEnd(message.report);
    else {
      waitingFor -= 1;
      if (waitingFor === 0)
        send({ type: 'start', at: performance.timeOrigin + performance.now() + HEADSTART });
    }
  };
  const workers = Array.from({ length: plan.workers }, (_, index) => {
    const workerData: WorkerInput = { plan, share: { worker: index, workers: plan.workers } };
    const worker = new Worker(WORKER, { workerData });
    worker.on('message', take);
    worker.on('error', onBroken);
    return worker;
  });
  return { stop: (reason) => send({ type: 'stop', reason }) };
}
