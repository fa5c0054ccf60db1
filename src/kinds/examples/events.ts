/** What the processes that run examples have written. Code of the package runs in them: what is no event is dropped. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';

const Outcome = v.tuple([v.string(), v.nullable(v.string())]);
const count = v.pipe(v.number(), v.minValue(0));
/** Where an example is; its name is that of what it is in the docstring of: `attr.asdict`. */
const place = { module: v.string(), name: v.string(), file: v.string(), line: v.nullable(v.number()) };
const faults = v.array(v.string());

const Dropped = v.object({ type: v.literal('example'), ...place, dropped: v.string() });
const Usable = v.object({ type: v.literal('example'), ...place, cost: count, outcomes: v.array(Outcome) });
/** It gives something else once others have run. */
const Depends = v.object({ type: v.literal('depends'), module: v.string(), name: v.string() });
const Unloaded = v.object({ type: v.literal('unloaded'), module: v.string(), words: v.string() });
/** There was no time for it. */
const Unreached = v.object({ type: v.literal('unreached'), module: v.string() });
/** Its import has turned the global interpreter lock on; `words` are those of the interpreter. */
const Lock = v.object({ type: v.literal('lock'), module: v.string(), words: v.string() });

const Ran = v.object({ type: v.literal('ran'), ...place, runs: count });
const Difference = v.object({
  ...{ thread: count, round: count, source: v.string(), expected: Outcome, actual: Outcome },
});
const Wrong = v.object({
  ...{ type: v.literal('wrong'), ...place, count, runs: count, how: v.string() },
  shown: v.pipe(v.array(Difference), v.minLength(1)),
  /**
   * Why threads are not to blame, if they are not. `state`: it is wrong too where they take turns between whole calls, so it
   * keeps something from one to the next. `chance`: one thread alone sees it too, now and then.
   */
  because: v.nullable(v.picklist(['state', 'chance'])),
});
const Ended = v.object({
  ...{ type: v.picklist(['crash', 'hang']), ...place, signal: v.number(), faults },
  /** With which it has ended the process by itself. */
  code: v.nullable(v.number()),
});
/** It has not come to its end once, and has when it was run again. */
const Unclear = v.object({
  ...{ type: v.literal('unclear'), ...place, how: v.picklist(['crash', 'hang', 'slow']), faults },
});
const Untried = v.object({ type: v.literal('untried'), ...place });

const Event = v.union([
  Usable,
  Dropped,
  Depends,
  Unloaded,
  Unreached,
  Lock,
  Ran,
  Wrong,
  Ended,
  Unclear,
  Untried,
]);

export type ExampleEvent = v.InferOutput<typeof Event>;
export type WrongEvent = v.InferOutput<typeof Wrong>;
export type EndedEvent = v.InferOutput<typeof Ended>;

function eventOf(line: string): ExampleEvent[] {
  try {
    const parsed = v.safeParse(Event, JSON.parse(line));
    return parsed.success ? [parsed.output] : [];
  } catch {
    return [];
  }
}

/** @returns the events of a file; none if there is no such file */
export function readEvents(path: string): ExampleEvent[] {
  try {
    return readFileSync(path, 'utf8').split('\n').flatMap(eventOf);
  } catch {
    return [];
  }
}
