/**
 * Whose a stray is, where several owners share an enclosure and none of them knows it by a mark: the youngest owner's
 * that was there when the stray was born. Services start one after the other and clients after them, so that is
 * nearly always who started it.
 */
import { nowTicks, type ProcessInfo } from '../../system/proc.ts';
import type { ProcessFinder } from '../finder.ts';

export class Claims {
  /** In the order of their birth, with it in clock ticks since the machine's start. */
  readonly #owners: { readonly finder: ProcessFinder; readonly bornTicks: number }[] = [];

  /** @param isHeld it has begun nothing yet: nobody comes of it, but what waits there is its own */
  add(finder: ProcessFinder, isHeld: boolean): void {
    this.remove(finder);
    this.#owners.push({ finder, bornTicks: isHeld ? Number.POSITIVE_INFINITY : nowTicks() });
  }

  remove(finder: ProcessFinder): void {
    const at = this.#owners.findIndex((owner) => owner.finder === finder);
    if (at !== -1) this.#owners.splice(at, 1);
  }

  /** Those of the strays that are this owner's. */
  of(finder: ProcessFinder, strays: readonly ProcessInfo[]): ProcessInfo[] {
    return strays.filter((stray) => {
      const youngest = this.#owners.findLast(({ bornTicks }) => bornTicks <= stray.startTicks);
      if ((youngest ?? this.#owners[0])?.finder !== finder) return false;
      return !this.#owners.some((other) => other.finder !== finder && other.finder.recognises(stray));
    });
  }
}
