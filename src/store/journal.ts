/** Reads the journal of a run, whether it goes on or has ended. */
import type { Stamped } from '../core/event.ts';
import { Tail } from '../files/tail.ts';
import { journalPath } from './run-directory.ts';

/** @returns undefined for what is no event: that of a run that was killed may be cut off, and others may have written there */
export function eventIn(text: string): Stamped | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value !== 'object' || value === null) return undefined;
    const { type, elapsedMs } = value as Partial<Stamped>;
    return typeof type === 'string' && typeof elapsedMs === 'number' ? (value as Stamped) : undefined;
  } catch {
    return undefined;
  }
}

export class JournalReader {
  readonly #tail: Tail;

  /** @param run path of the folder of the run */
  constructor(run: string) {
    this.#tail = new Tail(journalPath(run));
  }

  /** The events since the last look. Lines that are none count for nothing. */
  events(): Stamped[] {
    return this.#tail.lines().flatMap((line) => eventIn(line) ?? []);
  }

  close(): void {
    this.#tail.end();
  }
}
