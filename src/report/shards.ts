/** What must be known of a run that is a part of a suite, or was put together from some, to believe its verdict. */
import { shardName } from '../core/shard.ts';
import { formatDuration, plural } from '../core/units.ts';
import type { RunState } from './state.ts';

/** Each in a line: `only shard 2 of 3: 4 of 11 components`, or what each shard had to run and how long that took. */
export function shardLines({ shard, merged, components }: RunState): string[] {
  if (merged !== null)
    return merged.shards.map(
      ({ number, components: count, durationMs }) =>
        `${shardName({ number, of: merged.of })}: ${plural(count, 'component')} in ${formatDuration(durationMs)}`,
    );
  if (shard === null) return [];
  const own = components.filter(({ name }) => shard.deal.some((dealt) => dealt.name === name));
  return [`only ${shardName(shard)}: ${own.length} of ${plural(shard.deal.length, 'component')}`];
}

/** Whether there are more shards than there is to run, and this one got nothing. */
export const isEmptyShard = ({ shard }: RunState): boolean =>
  shard !== null && !shard.deal.some((dealt) => dealt.shard === shard.number);
