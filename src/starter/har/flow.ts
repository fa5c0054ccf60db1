/** Follows values from the response in which they first appear to the later requests that repeat them. */
import type { Exchange, Field } from './archive.ts';
import { type Offer, offersOf } from './offers.ts';
import { resourceOf, type Slot, slotsOf } from './slots.ts';
import { captureName, free, isIdLike, isUnique, subjectOf } from './words.ts';

/** A request of the recording, as it will be repeated. */
export interface Recorded {
  readonly exchange: Exchange;
  /** The headers that are kept. */
  readonly headers: readonly Field[];
  readonly slots: readonly Slot[];
}

export interface Capture {
  readonly name: string;
  readonly source: string | RegExp;
  /** The value is so short that it might be a coincidence. */
  readonly isGuess: boolean;
}

export interface Flow {
  /** What each response is asked for, by the number of its step. */
  readonly captures: readonly (readonly Capture[])[];
  readonly filled: ReadonlyMap<Slot, Filled>;
}

export interface Filled {
  /** The step whose response the value is from. */
  readonly from: number;
  readonly name: string;
  /** It has the scheme of a header too. */
  readonly isWhole: boolean;
  /** It is no number in JSON. */
  readonly isText: boolean;
}

interface Known extends Offer {
  readonly step: number;
  readonly subject: string;
}

/** Values that recur in many responses need not all be compared. */
const MOST_ALIKE = 50;

export const recorded = (exchange: Exchange, headers: readonly Field[]): Recorded => ({
  ...{ exchange, headers, slots: slotsOf(exchange, headers) },
});

const slotSubject = ({ key, owner }: Slot, resource: string): string =>
  subjectOf(key, owner === '' ? resource : owner);

/** Whether a value as short as `7` may be filled in here if it means the same thing. */
const takesShort = ({ where, key }: Slot): boolean => where === 'path' || isIdLike(key);

class Follower {
  readonly #captures: Capture[][];
  readonly #filled = new Map<Slot, Filled>();
  readonly #known = new Map<string, Known[]>();
  /** What requests had before any response: the user's choice, which responses only repeat. */
  readonly #said = new Set<string>();
  readonly #names = new Set(['counter', 'user']);
  readonly #byOffer = new Map<Known, string>();

  constructor(steps: readonly Recorded[]) {
    this.#captures = steps.map(() => []);
  }

  request({ exchange, slots }: Recorded): void {
    const resource = resourceOf(exchange.url);
    for (const slot of slots) {
      const subject = slotSubject(slot, resource);
      const offer = this.#find(slot, subject);
      if (offer !== undefined) {
        const isWhole = offer.value !== slot.value;
        const { step: from, isText } = offer;
        this.#filled.set(slot, { from, name: this.#take(offer), isWhole, isText });
      }
      this.#said.add(slot.value);
      this.#said.add(`${subject}\0${slot.value}`);
    }
  }

  response({ exchange }: Recorded, step: number): void {
    for (const offer of offersOf(exchange)) {
      const subject = subjectOf(offer.key, offer.owner);
      const isSaid = this.#said.has(isUnique(offer.value) ? offer.value : `${subject}\0${offer.value}`);
      if (isSaid || !(isUnique(offer.value) || offer.isIdLike)) continue;
      const alike = this.#known.get(offer.value) ?? [];
      if (alike.length === 0) this.#known.set(offer.value, alike);
      if (alike.length < MOST_ALIKE) alike.push({ ...offer, step, subject });
    }
  }

  /** The first response with the value made it up; later ones repeat it, perhaps in a list whose order changes. */
  #find(slot: Slot, subject: string): Known | undefined {
    const alike = this.#known.get(slot.value) ?? this.#known.get(`${slot.scheme}${slot.value}`) ?? [];
    const same = alike.filter((each) => each.subject !== '' && each.subject === subject);
    if (!isUnique(slot.value)) return takesShort(slot) ? same.find((each) => each.isIdLike) : undefined;
    const [first] = alike;
    return same.find(({ step }) => step === first?.step) ?? first;
  }

  #take(offer: Known): string {
    const known = this.#byOffer.get(offer);
    if (known !== undefined) return known;
    const name = free(captureName(offer.key === '' ? 'id' : offer.key, offer.owner), this.#names);
    this.#names.add(name);
    this.#byOffer.set(offer, name);
    this.#captures[offer.step]?.push({ name, source: offer.source, isGuess: !isUnique(offer.value) });
    return name;
  }

  get flow(): Flow {
    return { captures: this.#captures, filled: this.#filled };
  }
}

/** @param steps in their order */
export function follow(steps: readonly Recorded[]): Flow {
  const follower = new Follower(steps);
  for (const [index, step] of steps.entries()) {
    follower.request(step);
    follower.response(step, index);
  }
  return follower.flow;
}
