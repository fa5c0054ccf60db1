/** A thread's record of its hooked functions: a file of its own that it appends to. Nothing here throws. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { FunctionName } from '../../../../core/module-fault.ts';

/** How many results of a function are inspected for their types. */
export const LOOKED_AT = 8;

export class Record {
  readonly #file: string;
  readonly #told = new Set<string>();
  readonly #cells: Cell[] = [];

  constructor(folder: string, thread: number | string = threadId) {
    this.#file = join(folder, `${process.pid}-${thread}-${Date.now().toString(36)}.ndjson`);
  }

  write(documents: readonly object[]): void {
    if (documents.length === 0) return;
    try {
      appendFileSync(this.#file, documents.map((each) => `${JSON.stringify(each)}\n`).join(''));
    } catch {
      // The folder is gone, on a full disk, or another user's; or the process lacks the permission.
    }
  }

  once(document: object): void {
    const key = JSON.stringify(document);
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.write([document]);
  }

  unhookable(module: string, name: string | null, reason: string): void {
    this.once({ unhookable: { module, name, reason } });
  }

  cell(): Cell {
    const cell = new Cell(this, this.#cells.length + 1);
    this.#cells.push(cell);
    return cell;
  }

  /** Records all functions found since the last time, even if nobody has called them yet. */
  announce(): void {
    this.write(this.#cells.flatMap((cell) => cell.untoldNames()));
  }

  /** While it can: a process that becomes another user's is no longer able to write, and never ends here. */
  begin(): void {
    this.write([{ began: 1 }]);
  }

  finish(): void {
    const untold = this.#cells.filter((cell) => cell.hasUntold).map((cell) => cell.counts());
    // Other threads may be ended at any time.
    this.write(isWorker ? untold : [...untold, { ended: 1 }]);
  }
}

const isWorker = threadId !== 0;

/** The counts of one function in this thread. */
export class Cell {
  calls = 0;
  changed = 0;
  told = 0;
  #toldChanged = 0;
  /** At how many calls to record next; half as many more each time, so a process that is killed has recorded two thirds. */
  next = 1;
  readonly #record: Record;
  readonly #number: number;
  readonly #results: string[] = [];
  readonly #names: FunctionName[] = [];
  #toldNames = 0;

  constructor(record: Record, number: number) {
    this.#record = record;
    this.#number = number;
  }

  name(module: string, name: string): void {
    if (!this.#names.some((each) => each.module === module && each.name === name))
      this.#names.push({ module, name });
  }

  untoldNames(): object[] {
    const untold = this.#names.slice(this.#toldNames);
    this.#toldNames = this.#names.length;
    return untold.map((as) => ({ fn: this.#number, as }));
  }

  counts(): object {
    this.told = this.calls;
    this.#toldChanged = this.changed;
    const { calls, changed } = this;
    return { fn: this.#number, calls, changed, from: isWorker ? 'worker' : 'main', results: this.#results };
  }

  get hasUntold(): boolean {
    return this.calls > this.told || this.changed > this.#toldChanged;
  }

  /** What a call gave was changed after the call was recorded: an item of an iterator, or the value of a promise. */
  changeLate(): void {
    this.changed += 1;
    if (this.changed > this.#toldChanged * 1.5) this.tell();
  }

  /** @returns whether it is the first of its type */
  look(result: unknown): boolean {
    const name = typeName(result);
    if (this.#results.includes(name)) return false;
    this.#results.push(name);
    return true;
  }

  tell(): void {
    this.next = this.calls + Math.floor(this.calls / 2) + 1;
    this.#record.write([...this.untoldNames(), this.counts()]);
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  try {
    const made: unknown = value.constructor;
    return typeof made === 'function' && made.name !== '' ? made.name : 'object';
  } catch {
    return 'object';
  }
}
