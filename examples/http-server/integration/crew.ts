import { Worker, workerData } from 'node:worker_threads';

type Shift<Task> = { script: string; name: string; size: number; gate: Int32Array; task: Task };

const WORKER = new URL('./worker.mjs', import.meta.url);
const [ARRIVED, OPEN] = [0, 1];

/**
 * Runs a script in several worker threads, each of which calls `meet` and then posts one message.
 *
 * @param script URL of the script
 * @param size number of workers
 * @param task what each of them is given
 * @returns their messages
 * @throws the first error that a worker ends with
 */
export function crew<Task, Result>(script: string, size: number, task: Task): Promise<Result[]> {
  const gate = new Int32Array(new SharedArrayBuffer(8));
  const work = (_: unknown, index: number) =>
    new Promise<Result>((resolve, reject) => {
      const name = `worker ${index + 1} of ${size}`;
      const shift: Shift<Task> = { script, name, size, gate, task };
      // No inherited flags: worker.mjs registers the loader, and a second one would double the start time.
      const worker = new Worker(WORKER, { workerData: shift, execArgv: [] });
      worker.once('message', resolve);
      worker.once('error', reject);
      // Comes last, hence changes nothing once the worker has answered or thrown.
      worker.once('exit', (code) => reject(new Error(`${name} ended with code ${code} and no answer`)));
    });
  return Promise.all(Array.from({ length: size }, work));
}

/** Blocks the calling worker until the whole crew has come this far, then lets all go at once. */
export function meet<Task>(): Shift<Task> {
  const shift: Shift<Task> = workerData;
  const { gate, size } = shift;
  if (Atomics.add(gate, ARRIVED, 1) + 1 === size) {
    Atomics.store(gate, OPEN, 1);
    Atomics.notify(gate, OPEN);
  } else {
    Atomics.wait(gate, OPEN, 0);
  }
  return shift;
}
