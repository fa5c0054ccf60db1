/** How long an agent that has fallen silent is asked before it counts as lost. Runs in the sandbox of the workflow. */

/** In milliseconds: as long as a pause of its machine may take. */
export const ASK_FOR = 5000;
/** After the server was away: agents try to come back after ten seconds at the latest, give or take a fifth. */
const ASK_FOR_AFTER_ABSENCE = 15_000;
/** Nobody is unheard for so long while the server is there: it misses a heartbeat after two seconds, and a host of the workflow soon after. */
const ABSENCE = 6000;

export class Patience {
  #until: number | undefined;

  /**
   * It was not heard, again or for the first time.
   *
   * @param now in milliseconds since 1970, as the other times
   * @param heardAt when it was, since it was last asked, as far as that is known
   * @returns for how many milliseconds it is still to be asked; 0: it is lost
   */
  left(now: number, heardAt: number | undefined): number {
    if (heardAt !== undefined) this.#until = undefined;
    const unheard = now - (heardAt ?? now);
    this.#until ??= now + (unheard > ABSENCE ? ASK_FOR_AFTER_ABSENCE : ASK_FOR);
    return Math.max(0, this.#until - now);
  }
}
