/** A part of a suite that is run by itself, and what its result must say for the parts to be put together again. */

/** Which part is to be run. */
export interface ShardChoice {
  /** From 1. */
  readonly number: number;
  readonly of: number;
}

/** To which part a component belongs. */
export interface Dealt {
  readonly name: string;
  readonly kind: string;
  /** The number of the part. */
  readonly shard: number;
}

export interface Shard extends ShardChoice {
  /** The same for parts that can be put together: a hash of the whole plan and of how it is dealt. */
  readonly plan: string;
  /** All components of the plan, in its order. */
  readonly deal: readonly Dealt[];
  /** By what the parts are balanced: how long components took before, or how many they are. */
  readonly dealtBy: 'durations' | 'count';
  /** What of a CI system it is part of, if that is known: parts of different ones do not belong together. */
  readonly build?: string;
}

/** A part of which a run was put together. */
export interface MergedShard {
  readonly number: number;
  readonly run: string;
  readonly startedAt: string;
  /** How many components it was to run. */
  readonly components: number;
  /** In milliseconds; of one that was killed, as far as is known. */
  readonly durationMs: number;
}

/** What a run was put together from. */
export interface Merged {
  /** How many parts there should be. */
  readonly of: number;
  readonly shards: readonly MergedShard[];
}

/** `shard 2 of 3` */
export const shardName = ({ number, of }: ShardChoice): string => `shard ${number} of ${of}`;
