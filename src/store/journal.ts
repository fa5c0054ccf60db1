/** Reads the journal of a run, whether it goes on or has ended. */
import type { Stamped } from '../core/event.ts';
import { Tail } from '../files/tail.ts';
import { journalPath } from './run-directory.ts';

export class JournalReader {
  readonly #tail: Tail;

  /** @param run path of the folder of the run */
  constructor(run: string) {
    this.#tail = new Tail(journalPath(run));
  }

  /** The events since the last look. The last line of a run that was killed may be cut off, and counts for nothing. */
  events(): Stamped[] {
    return this.#tail.lines().flatMap((line) => {
      try {
        return [JSON.parse(line) as Stamped];
      } catch {
        return [];
      }
    });
  }

  close(): void {
    this.#tail.end();
  }
}
