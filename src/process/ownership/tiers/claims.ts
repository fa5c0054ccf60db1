/**
 * Assigns strays where several owners share an enclosure and no mark shows whose they are. Each goes to the youngest
 * owner that existed when it was born: services start one after another, and clients after them, so that owner nearly
 * always started it.
 */
import { nowTicks, type ProcessInfo } from '../../system/proc.ts';
import type { ProcessFinder } from '../finder.ts';

export class Claims {
  /** Oldest first; births are in clock ticks since boot. */
  readonly #owners: { readonly finder: ProcessFinder; readonly bornTicks: number }[] = [];

  /** @param isHeld it has started nothing yet: no stray is its own, only what waits at its gate */
  add(finder: ProcessFinder, isHeld: boolean): void {
    this.remove(finder);
    this.#owners.push({ finder, bornTicks: isHeld ? Number.POSITIVE_INFINITY : nowTicks() });
  }

  remove(finder: ProcessFinder): void {
    const at = this.#owners.findIndex((owner) => owner.finder === finder);
    if (at !== -1) this.#owners.splice(at, 1);
  }

  /** The strays that belong to this owner. */
  of(finder: ProcessFinder, strays: readonly ProcessInfo[]): ProcessInfo[] {
    return strays.filter((stray) => {
      const youngest = this.#owners.findLast(({ bornTicks }) => bornTicks <= stray.startTicks);
      if ((youngest ?? this.#owners[0])?.finder !== finder) return false;
      return !this.#owners.some((other) => other.finder !== finder && other.finder.recognises(stray));
    });
  }
}
