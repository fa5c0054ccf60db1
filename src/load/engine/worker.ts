/** Entry point of a thread that sends its share of a load. */
import { parentPort, workerData } from 'node:worker_threads';
import type { LoadPlan } from '../../core/load.ts';
import { Generator } from './generator.ts';
import type { Ended, FinalReport, WindowReport } from './reports.ts';
import type { Share } from './request/source.ts';

export interface WorkerInput {
  readonly plan: LoadPlan;
  readonly share: Share;
}

export type ToWorker =
  /** Milliseconds since 1970: each thread has a clock of its own. */
  | { readonly type: 'start'; readonly at: number }
  | { readonly type: 'stop'; readonly reason: Ended }
  | { readonly type: 'leave' }
  | { readonly type: 'end' };

export type FromWorker =
  /** `isIn`: how many users are prepared. */
  | { readonly type: 'ready'; readonly isIn: number }
  | { readonly type: 'preparing'; readonly isIn: number }
  | { readonly type: 'leaving'; readonly inFlight: number }
  | { readonly type: 'window'; readonly report: WindowReport }
  | { readonly type: 'end'; readonly report: FinalReport };

const { plan, share } = workerData as WorkerInput;
const tell = (message: FromWorker): void => parentPort?.postMessage(message);
const generator = new Generator(plan, share, {
  onPreparing: (isIn) => tell({ type: 'preparing', isIn }),
  onWindow: (report) => tell({ type: 'window', report }),
  onEnd: (report) => {
    tell({ type: 'end', report });
    parentPort?.close();
  },
});
parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'stop') generator.stop(message.reason);
  else if (message.type === 'leave') generator.leave((inFlight) => tell({ type: 'leaving', inFlight }));
  else if (message.type === 'end') generator.end();
  else generator.start(message.at - performance.timeOrigin);
});
generator.prepare((isIn) => tell({ type: 'ready', isIn }));
