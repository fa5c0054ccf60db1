/** Which agents are heard, for a command line that looks at the server now and then. */
import type { LoadReport } from '../load/merge/index.ts';
import type { Progress } from './run-state.ts';

/** An agent tells once a second. One that has told nothing for so long, in milliseconds, is silent. */
const SILENT_AFTER = 1500;

export interface Silent {
  readonly part: number;
  readonly name: string;
  /** When it was last heard, in milliseconds since 1970 by the clock of this machine. */
  readonly since: number;
}

export interface Heard {
  /** How many agents hold a seat, and how many of them are prepared or preparing. */
  readonly attending: number;
  readonly preparing: number;
  /** The latest of each agent that is sending and is heard. */
  readonly telling: readonly LoadReport[];
  /** The last of all others that have told anything. */
  readonly others: readonly LoadReport[];
  readonly silent: readonly Silent[];
}

interface Ear {
  toldAt: string | null;
  heardAt: number;
  report: LoadReport | undefined;
  state: 'telling' | 'silent' | 'finished';
}

export class Hearing {
  readonly #ears = new Map<number, Ear>();
  readonly #names = new Map<number, string>();

  /**
   * @param now in milliseconds since 1970
   * @returns what is known by then
   */
  async take({ names, preparing, telling }: Progress, now: number): Promise<Heard> {
    for (const [part, name] of names) this.#names.set(part, name);
    for (const each of telling) {
      const ear = this.#earOf(each.part, now);
      const isNew = each.toldAt !== null && each.toldAt !== ear.toldAt;
      if (isNew) {
        ear.toldAt = each.toldAt;
        ear.heardAt = now;
        ear.report = await each.read();
      }
      // The server has missed it before that was noticed here: it may be lost by the next look.
      const isAskedAgain = each.toldAt === null && ear.toldAt !== null;
      ear.state = isAskedAgain || now - ear.heardAt >= SILENT_AFTER ? 'silent' : 'telling';
    }
    const parts = new Set(telling.map(({ part }) => part));
    // One that was heard has finished if nothing is asked of it any more; one that was not is lost.
    for (const [part, ear] of this.#ears)
      if (!parts.has(part) && ear.state === 'telling') ear.state = 'finished';
    return { attending: names.size, preparing, ...this.#heard() };
  }

  #earOf(part: number, now: number): Ear {
    const known = this.#ears.get(part);
    if (known !== undefined) return known;
    const ear: Ear = { toldAt: null, heardAt: now, report: undefined, state: 'telling' };
    this.#ears.set(part, ear);
    return ear;
  }

  #heard(): Pick<Heard, 'telling' | 'others' | 'silent'> {
    const all = [...this.#ears].sort(([a], [b]) => a - b);
    const reports = (isTelling: boolean): LoadReport[] =>
      all.flatMap(([, { state, report }]) =>
        (state === 'telling') === isTelling && report !== undefined ? [report] : [],
      );
    return {
      telling: reports(true),
      others: reports(false),
      silent: all
        .filter(([, { state }]) => state === 'silent')
        .map(([part, { heardAt }]) => {
          return { part, name: this.#names.get(part) ?? `agent ${part + 1}`, since: heardAt };
        }),
    };
  }
}
