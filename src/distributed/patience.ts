/** How long an agent that has fallen silent is asked before it counts as lost. Runs in the sandbox of the workflow. */

/** In milliseconds: as long as a pause of its machine may take. */
export const ASK_FOR = 5000;
/** After the server was away: agents try to come back after ten seconds at the latest, give or take a fifth. */
const ASK_FOR_AFTER_ABSENCE = 15_000;
/**
 * How long a host of the workflow may take to decide what comes next, in milliseconds; then the server asks another one. It is a matter of a
 * tenth of a second, but in the end it reads what all agents report, maybe on a machine with little time; and whoever takes too long has
 * done it for nothing.
 */
export const decidedWithin = (agents: number): number => Math.min(10_000, 2000 + 100 * agents);
/** Nobody is unheard for so long while the server is there: it misses a heartbeat after two seconds at most, and a host of the workflow soon after. */
const ABSENCE = 6000;
/**
 * One that others are heard without. An agent that is there, even if it is stopped, takes what it is asked at once, since its connection
 * does; and after an absence of the server that others have outlived, which is less than two seconds, it comes back so soon.
 */
export const ASK_ONE_FOR = 2000;
/** The same of one beside which another answers at once: after an absence of the server that would not have been back so soon either. */
const ASK_ONE_AT_LEAST = 1000;

/** What the server knows of an agent that was asked, and did not answer. */
export interface Unanswered {
  /** In milliseconds since 1970, as the other times. */
  readonly now: number;
  /** When it was heard, since it was last asked, as far as that is known. */
  readonly heardAt: number | undefined;
  /** Whether its connection took the question. */
  readonly isTaken: boolean;
  /** Whether others were heard all the time: then so was the server there. */
  readonly isAlone: boolean;
  /** Within how many milliseconds another one has answered, that was heard all the time. */
  readonly besideMs: number;
}

export class Patience {
  #until: number | undefined;
  #isAfterAbsence = false;

  /** @returns for how many milliseconds it may take the next question; 0: it is lost */
  left({ now, heardAt, isTaken, isAlone, besideMs }: Unanswered): number {
    if (heardAt !== undefined) this.#until = undefined;
    if (this.#until === undefined) {
      this.#isAfterAbsence = now - (heardAt ?? now) > ABSENCE;
      this.#until = now + (this.#isAfterAbsence ? ASK_FOR_AFTER_ABSENCE : ASK_FOR);
    }
    const left = Math.max(0, this.#until - now);
    if (!isAlone || this.#isAfterAbsence) return left;
    return isTaken ? Math.min(left, ASK_ONE_FOR, ASK_ONE_AT_LEAST + 2 * besideMs) : 0;
  }
}

/**
 * Of one that has not taken the first that it was asked: then it can be lost, or the server away or slow.
 *
 * @param askedFor how long it has not taken it, in milliseconds
 * @param besideMs within how many milliseconds another one has answered; undefined: nobody has
 * @returns for how many milliseconds it may take that when it is asked again
 */
export function leftToTakeIt(askedFor: number, besideMs: number | undefined): number {
  if (askedFor > ABSENCE) return ASK_FOR_AFTER_ABSENCE;
  return besideMs === undefined ? ASK_FOR : ASK_ONE_AT_LEAST + 2 * besideMs;
}
