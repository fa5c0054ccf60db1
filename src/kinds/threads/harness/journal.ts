/**
 * What each thread is about to do, in memory that all threads of the process share; a crash takes that memory along,
 * so a copy is kept in a file. A change of phase is written there by its thread at once. Single operations are not: the
 * main thread copies them every few milliseconds, and only where `exact` is asked for is each one written down first.
 */
import { writeSync } from 'node:fs';
import { PHASES, type Phase, RECORD, RECORD_FIELDS } from '../protocol.ts';

const RECORD_BYTES = RECORD_FIELDS * Int32Array.BYTES_PER_ELEMENT;

export const journalMemory = (threads: number): SharedArrayBuffer =>
  new SharedArrayBuffer(threads * RECORD_BYTES);

/** The record of one thread; thread 0 is the main thread. */
export class Journal {
  /** See `RECORD` for its fields: the hot loop writes to it directly. */
  readonly record: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #file: number;
  readonly #offset: number;

  /** @param file an open descriptor; it is good in every thread of the process */
  constructor(memory: SharedArrayBuffer, file: number, thread: number) {
    this.#file = file;
    this.#offset = thread * RECORD_BYTES;
    this.record = new Int32Array(memory, this.#offset, RECORD_FIELDS);
    this.#bytes = new Uint8Array(memory, this.#offset, RECORD_BYTES);
  }

  enter(phase: Phase): void {
    this.record[RECORD.phase] = PHASES.indexOf(phase);
    this.save();
  }

  get phase(): Phase {
    return PHASES[this.record[RECORD.phase] ?? 0] ?? 'starting';
  }

  save(): void {
    writeSync(this.#file, this.#bytes, 0, RECORD_BYTES, this.#offset);
  }
}

/** Writes all records as they are at this moment. */
export function saveAll(memory: SharedArrayBuffer, file: number): void {
  writeSync(file, new Uint8Array(memory), 0, memory.byteLength, 0);
}
