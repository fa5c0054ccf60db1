/** Entry point of a thread that sends its share of a load. */
import { parentPort, workerData } from 'node:worker_threads';
import type { LoadPlan } from '../../core/load.ts';
import { type Ended, type FinalReport, Generator, type WindowReport } from './generator.ts';
import type { Share } from './request/source.ts';

export interface WorkerInput {
  readonly plan: LoadPlan;
  readonly share: Share;
}

export type ToWorker =
  /** Milliseconds since 1970: each thread has a clock of its own. */
  { readonly type: 'start'; readonly at: number } | { readonly type: 'stop'; readonly reason: Ended };

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'window'; readonly report: WindowReport }
  | { readonly type: 'end'; readonly report: FinalReport };

const { plan, share } = workerData as WorkerInput;
const tell = (message: FromWorker): void => parentPort?.postMessage(message);
let generator: Generator | undefined;
/** Set if the run is stopped before all threads are ready to start. */
let stopped: Ended | undefined;
parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'stop') {
    stopped = message.reason;
    generator?.stop(stopped);
    return;
  }
  generator = new Generator(plan, share, message.at - performance.timeOrigin, {
    onWindow: (report) => tell({ type: 'window', report }),
    onEnd: (report) => {
      tell({ type: 'end', report });
      parentPort?.close();
    },
  });
  if (stopped === undefined) generator.start();
  else generator.stop(stopped);
});
tell({ type: 'ready' });
