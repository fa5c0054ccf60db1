/** The hot loop: one call after the other, each noted before it is made and compared after. */

import type { Random } from '../../../core/random.ts';
import { type Operation, RECORD } from '../protocol.ts';
import type { Journal } from './journal.ts';
import { type Exports, exportedFunction } from './module.ts';
import { isThenable, type Outcome, same, wordsOf } from './outcome.ts';
import { copyOf, type Values } from './values.ts';

/** An operation made ready in one thread. */
export interface Call {
  /** Its number in the survey. */
  readonly operation: number;
  readonly make: () => unknown;
  /** What a serial call gives; null when that differs from call to call. */
  readonly expected: Outcome | null;
}

/** A call whose result is not what it should be. */
export interface Wrong {
  readonly operation: number;
  /** From 1. */
  readonly call: number;
  readonly expected: Outcome;
  readonly actual: Outcome;
}

/**
 * @param operation its number in the survey
 * @param args of this thread alone, or over shared memory
 * @throws when the module does not export the function here, although it did in the survey
 */
export function prepareCall(
  module: Exports,
  operation: number,
  { name, mutates, repeatable }: Operation,
  { args, outcome }: Values,
): Call {
  const run = exportedFunction(module, name);
  if (run === undefined) throw new Error(`there is no exported function ${name} in this thread`);
  const make = mutates ? () => run(...copyOf(args)) : () => run(...args);
  return { operation, make, expected: repeatable ? outcome : null };
}

const DECK = 1024;

/** The order in which a thread makes its calls: drawn once, so that the loop draws nothing. */
export function shuffle(calls: readonly Call[], random: Random): Call[] {
  if (calls.length === 0) return [];
  return Array.from({ length: DECK }, (_, index) => {
    // Everything is called at least once before chance decides.
    const drawn = index < calls.length ? index : Math.floor(random.next() * calls.length);
    return calls[drawn] as Call;
  });
}

/**
 * Makes calls, one after another. A call that returns a promise is waited for; one that does not costs no await.
 *
 * @param deck what to call, in turn and again from the start
 * @param exact write each operation to the journal's file before it is made
 */
export async function makeCalls(
  deck: readonly Call[],
  count: number,
  journal: Journal,
  exact: boolean,
  onWrong: (wrong: Wrong) => void,
): Promise<void> {
  const { record } = journal;
  for (let done = 0; done < count; done++) {
    const { operation, make, expected } = deck[done % deck.length] as Call;
    record[RECORD.operation] = operation + 1;
    if (exact) journal.save();
    let threw = false;
    let value: unknown;
    try {
      value = make();
      if (isThenable(value)) value = await value;
    } catch (error) {
      threw = true;
      value = wordsOf(error);
    }
    if (expected !== null && (threw !== expected.threw || !same(expected.value, value))) {
      record[RECORD.wrong] = (record[RECORD.wrong] ?? 0) + 1;
      onWrong({ operation, call: done + 1, expected, actual: { threw, value } });
    }
    record[RECORD.calls] = done + 1;
  }
  record[RECORD.operation] = 0;
}
