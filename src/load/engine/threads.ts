/** Starts what sends: in this thread when one is enough, else in threads of their own. */
import { Worker } from 'node:worker_threads';
import type { LoadPlan } from '../../core/load.ts';
import { type Ended, Generator, type GeneratorEvents } from './generator.ts';
import type { FromWorker, ToWorker, WorkerInput } from './worker.ts';

/** So long after all threads are ready they begin, in milliseconds: by then each has heard of it. */
const HEADSTART = 20;
/** A single thread begins so long after it was made up: by then its connections are objects, though not open. */
const HEADSTART_ALONE = 5;

export interface Senders {
  readonly stop: (reason: Ended) => void;
}

/** Beside the chunk that this is in, as the build lays them out. */
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
