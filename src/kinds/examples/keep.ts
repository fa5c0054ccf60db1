/** Which examples are for threads: those that come to the same whenever one thread runs them. Pure. */
import type { ExampleEvent } from './events.ts';
import type { Kept } from './protocol.ts';

/** An example that was found, and why it is not for threads; null: it is. */
export interface Found {
  readonly module: string;
  readonly name: string;
  readonly dropped: string | null;
  readonly kept: Kept | null;
}

const ORDER = 'it depends on what was run before';
/** As the processes say it, too. */
export const NO_TIME = 'there was no time for it';
const CHANGES = 'it gives something else in another process';

/** @param again events of those that were kept, run in another process, whose hashes and addresses are others */
export function foundIn(alone: readonly ExampleEvent[], again: readonly ExampleEvent[]): Found[] {
  const depends = new Set(alone.flatMap((event) => (event.type === 'depends' ? [event.name] : [])));
  const second = new Map(again.flatMap((event) => (event.type === 'example' ? [[event.name, event]] : [])));
  return alone.flatMap((event): Found[] => {
    if (event.type !== 'example') return [];
    const { module, name } = event;
    if ('dropped' in event) return [{ module, name, dropped: event.dropped, kept: null }];
    if (depends.has(name)) return [{ module, name, dropped: ORDER, kept: null }];
    const other = second.get(name);
    if (other === undefined) return [{ module, name, dropped: NO_TIME, kept: null }];
    if ('dropped' in other) return [{ module, name, dropped: other.dropped, kept: null }];
    if (JSON.stringify(other.outcomes) !== JSON.stringify(event.outcomes))
      return [{ module, name, dropped: CHANGES, kept: null }];
    return [{ module, name, dropped: null, kept: { name, cost: event.cost, outcomes: event.outcomes } }];
  });
}

/** By module. */
export function keptBy(found: readonly Found[]): Readonly<Record<string, readonly Kept[]>> {
  const all = new Map<string, Kept[]>();
  for (const { module, kept } of found)
    if (kept !== null) all.set(module, [...(all.get(module) ?? []), kept]);
  return Object.fromEntries(all);
}
