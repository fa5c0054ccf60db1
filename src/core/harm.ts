/** Whom a mistake in a package hurts: whoever decides what to mend first wants to know that before anything else. */
export interface Harm {
  /** `nobody`: as long as nobody does what nobody is known to do. Only that fails nothing, unless asked to. */
  readonly who: 'everyone' | 'some' | 'nobody';
  /** For people: `every consumer`, `consumers who …`, `nobody yet`. */
  readonly text: string;
}

export const EVERY_CONSUMER: Harm = { who: 'everyone', text: 'every consumer' };
export const NOBODY_YET: Harm = { who: 'nobody', text: 'nobody yet' };

/** @param what they do, as the end of the sentence: `require it` */
export const consumersWho = (what: string): Harm => ({ who: 'some', text: `consumers who ${what}` });

/** Lower is worse; what hurts no consumer of a package is last. */
const ORDER = { everyone: 0, some: 1, nobody: 2 } as const;
export const harmRank = (harm: Harm | undefined): number => (harm === undefined ? 3 : ORDER[harm.who]);
