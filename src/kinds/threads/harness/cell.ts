/** The main thread of a cell: it may load the module, starts the workers, waits, and makes all end by the cell's door. */
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Random } from '../../../core/random.ts';
import {
  type CellReport,
  type CellRequest,
  type Mismatch,
  RECORD,
  RECORD_FIELDS,
  type Survey,
} from '../protocol.ts';
import { Journal, journalMemory, saveAll } from './journal.ts';
import { loadModule } from './module.ts';
import { wordsOf } from './outcome.ts';
import { gateMemory, ThreadGate } from './thread-gate.ts';
import { shareBytes, unpack } from './values.ts';
import { DOOR, type FromWorker, MEETINGS, type WorkerOrders } from './worker-orders.ts';

/** How often the main thread copies the journal to its file, and looks how far the workers are, in milliseconds. */
const COPY_EVERY = 2;

/** Further wrong results of the same run would add nothing. */
const EXAMPLES = 5;

const WORKER = new URL('./harness-threads-worker.js', import.meta.url);

export async function runCell(request: CellRequest): Promise<void> {
  const survey = JSON.parse(readFileSync(request.survey, 'utf8')) as Survey;
  await new CellRun(request, survey).run();
}

class CellRun {
  readonly #request: CellRequest;
  readonly #survey: Survey;
  readonly #journal: SharedArrayBuffer;
  readonly #gate = gateMemory(Object.keys(MEETINGS).length);
  readonly #file: number;
  readonly #mismatches: Mismatch[] = [];
  readonly #notLoaded: { worker: number; message: string }[] = [];
  readonly #broken: { worker: number; message: string }[] = [];
  #isOpen = false;

  constructor(request: CellRequest, survey: Survey) {
    this.#request = request;
    this.#survey = survey;
    this.#journal = journalMemory(request.workers + 1);
    this.#file = openSync(request.journal, 'w');
  }

  async run(): Promise<void> {
    const { cell } = this.#request;
    const main = new Journal(this.#journal, this.#file, 0);
    saveAll(this.#journal, this.#file);
    if (cell.order === 'main-first') await this.#load(main);
    const started = this.#startWorkers();
    const copying = setInterval(() => saveAll(this.#journal, this.#file), COPY_EVERY).unref();
    if (cell.order === 'all-at-once') {
      await this.#meetWorkers();
      await this.#load(main);
    }
    main.enter('waiting');
    if (cell.door === 'terminate' || cell.door === 'process-exit') {
      await this.#momentOfDoor();
      main.enter('leaving');
      this.#isOpen = true;
      if (cell.door === 'process-exit') {
        this.#report();
        process.exit(0);
      }
      for (const { worker } of started) void worker.terminate();
    }
    await Promise.all(started.map(({ ended }) => ended));
    clearInterval(copying);
    main.enter('leaving');
    this.#report();
    if (this.#survey.keepsAlive) process.exit(0);
  }

  /** Arrives last, and so never blocks: it must notice a worker that died meanwhile. */
  async #meetWorkers(): Promise<void> {
    const { workers } = this.#request;
    const gate = new ThreadGate(this.#gate);
    while (gate.arrivedAt(MEETINGS.loading) < workers) await delay(COPY_EVERY);
    gate.meet(MEETINGS.loading, workers + 1);
  }

  async #load(journal: Journal): Promise<void> {
    if (this.#request.empty) return;
    journal.enter('loading');
    try {
      await loadModule(this.#survey.url);
    } catch (error) {
      this.#notLoaded.push({ worker: 0, message: wordsOf(error) });
    }
    journal.enter('loaded');
  }

  #startWorkers(): { readonly worker: Worker; readonly ended: Promise<void> }[] {
    const survey = this.#survey;
    const request = this.#request;
    const values = unpack(survey.values);
    const shared = survey.operations.map((operation, index) =>
      operation.shared ? shareBytes(values[index]?.args ?? []) : [],
    );
    return Array.from({ length: request.workers }, (_, index) => {
      const orders: WorkerOrders = {
        worker: index + 1,
        request,
        survey,
        shared,
        journal: this.#journal,
        file: this.#file,
        gate: this.#gate,
      };
      const worker = new Worker(WORKER, { workerData: orders });
      const hear = (message: FromWorker): void => this.#hear(index + 1, message);
      worker.on('message', hear);
      return { worker, ended: this.#untilEnded(worker, index + 1) };
    });
  }

  #hear(worker: number, message: FromWorker): void {
    if (message.type === 'not-loaded') this.#notLoaded.push({ worker, message: message.message });
    else if (this.#mismatches.length < EXAMPLES) this.#mismatches.push(message.mismatch);
  }

  /** Resolves when a worker has left by the door of the cell; one that leaves in another way ends everything. */
  #untilEnded(worker: Worker, number: number): Promise<void> {
    const { door } = this.#request.cell;
    const byError = door === 'throw' || door === 'rejection';
    let failure: string | undefined;
    worker.on('error', (error) => {
      if (!(byError && error.message === DOOR)) failure = wordsOf(error);
    });
    return new Promise((resolve) => {
      worker.once('exit', (code) => {
        const { phase } = new Journal(this.#journal, this.#file, number);
        const isDoor = byError || this.#isOpen || (phase === 'leaving' && code === 0);
        if (failure === undefined && isDoor) return resolve();
        this.#broken.push({
          worker: number,
          message: failure ?? `it ended with code ${code} while ${phase}`,
        });
        // The others may be waiting for it.
        this.#report();
        process.exit(1);
      });
    });
  }

  /** Idle: all wait. In flight: the number of calls that the seed says have been made. */
  async #momentOfDoor(): Promise<void> {
    const { cell, workers, calls, seed, operations } = this.#request;
    const threads = Array.from(
      { length: workers },
      (_, index) => new Journal(this.#journal, this.#file, index + 1),
    );
    const share = cell.state === 'in-flight' && operations.length > 0 ? new Random(seed).next() / 2 : 1;
    const isTime = (): boolean => {
      const made = threads.reduce((sum, { record }) => sum + (record[RECORD.calls] ?? 0), 0);
      if (share < 1 && made > share * workers * calls) return true;
      return threads.every(({ phase }) => phase === 'waiting');
    };
    while (!isTime()) await delay(COPY_EVERY);
  }

  #report(): void {
    const records = new Int32Array(this.#journal);
    const sum = (field: number): number =>
      records.reduce((total, value, index) => (index % RECORD_FIELDS === field ? total + value : total), 0);
    const report: CellReport = {
      calls: sum(RECORD.calls),
      wrong: sum(RECORD.wrong),
      mismatches: this.#mismatches,
      notLoaded: this.#notLoaded,
      broken: this.#broken,
    };
    saveAll(this.#journal, this.#file);
    writeFileSync(this.#request.report, JSON.stringify(report));
  }
}
