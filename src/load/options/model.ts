/** How much to send: the load model, its stages, and its limit. */
import type { LoadLimit, LoadModel, LoadStage } from '../../core/load.ts';
import { ms } from '../../core/units.ts';
import { toDuration } from '../../kinds/common/duration.ts';
import type { Mistakes } from './mistakes.ts';
import type { LoadOptions, LoadStageOptions } from './options.ts';
import { CONNECTIONS_AT_RATE, LOAD_WORDS, USERS_AT_RATE } from './words.ts';

/** @param start the level before the first stage */
function toStages(
  options: readonly LoadStageOptions[],
  start: number | undefined,
  isRate: boolean,
  mistakes: Mistakes,
): LoadStage[] {
  const stages: LoadStage[] = [];
  for (const { duration, from, to } of options)
    stages.push({
      duration: toDuration(duration, ms(0)),
      from: from ?? stages.at(-1)?.to ?? start ?? to,
      to,
    });
  const levels = stages.flatMap(({ from, to }) => [from, to]);
  const broken = stages.findIndex(({ from, to }) => !Number.isInteger(from) || !Number.isInteger(to));
  if (!isRate && broken !== -1)
    mistakes.about(
      ['stages', broken],
      'a number of connections is a whole number',
      `use ${mistakes.nameOf('rate')} for requests per second`,
    );
  if (levels.length > 0 && levels.every((level) => level === 0))
    mistakes.about(
      ['stages'],
      'every level is 0, so nothing would be sent',
      'give at least one stage a level above 0',
    );
  return stages;
}

const highest = (stages: readonly LoadStage[]): number =>
  Math.max(0, ...stages.flatMap(({ from, to }) => [from, to]));

/**
 * How many users go through the steps. Without a rate, stages are about users.
 *
 * @param stages of the load, by its model
 */
export function usersOf(
  { users, connections, streams = 1, rate }: LoadOptions,
  stages: readonly LoadStage[],
): number {
  const most = Math.max(users ?? 0, rate === undefined ? highest(stages) : 0);
  if (most > 0) return most;
  return (connections ?? (rate === undefined ? LOAD_WORDS.connections.default : USERS_AT_RATE)) * streams;
}

/** Unless it is said, users need as many connections as there can be requests under way. */
function connectionsOf(options: LoadOptions, stages: readonly LoadStage[]): number {
  const { connections, streams = 1, steps, rate } = options;
  if (steps !== undefined) return connections ?? Math.ceil(usersOf(options, stages) / streams);
  if (rate !== undefined) return connections ?? CONNECTIONS_AT_RATE;
  return Math.max(connections ?? 0, highest(stages)) || LOAD_WORDS.connections.default;
}

export function toModel(options: LoadOptions, mistakes: Mistakes): LoadModel {
  const { rate, arrivals, steps, users } = options;
  const isOpen = rate !== undefined;
  const first = steps === undefined ? options.connections : (users ?? options.connections);
  const stages = toStages(options.stages ?? [], rate ?? first, isOpen, mistakes);
  const connections = connectionsOf(options, stages);
  if (isOpen)
    return { type: 'open', rate, arrivals: arrivals ?? LOAD_WORDS.arrivals.default, stages, connections };
  if (arrivals !== undefined)
    mistakes.add(
      ['arrivals'],
      `${mistakes.nameOf('arrivals')} needs a rate`,
      `give the requests per second with ${mistakes.nameOf('rate')}`,
    );
  return { type: 'closed', connections, stages };
}

/** @param fallback the limit if the options give none */
export function toLimit(options: LoadOptions, { stages }: LoadModel, fallback: LoadLimit): LoadLimit {
  if (options.requests !== undefined) return { type: 'requests', requests: options.requests };
  if (stages.length > 0)
    return { type: 'duration', duration: ms(stages.reduce((sum, { duration }) => sum + duration, 0)) };
  if (options.duration === undefined) return fallback;
  return { type: 'duration', duration: toDuration(options.duration, ms(0)) };
}

/** @param fallback how many threads send if the options do not say; capped at what there is to share */
export function toWorkers(
  options: LoadOptions,
  model: LoadModel,
  limit: LoadLimit,
  fallback: number,
  mistakes: Mistakes,
): number {
  // Each needs a user as well.
  const senders = options.steps === undefined ? model.connections : usersOf(options, model.stages);
  const most = Math.min(senders, model.connections, limit.type === 'requests' ? limit.requests : senders);
  const { workers, steps } = options;
  if (typeof steps === 'function') {
    if (workers !== undefined && workers > 1)
      mistakes.add(
        ['workers'],
        `${mistakes.nameOf('workers')} ${workers}: a function of ${mistakes.nameOf('steps')} runs in one thread, as it cannot be sent to others`,
        `leave ${mistakes.nameOf('workers')} out, or list the steps`,
      );
    return 1;
  }
  if (workers === undefined) return Math.max(1, Math.min(most, fallback));
  if (workers > most)
    mistakes.add(
      ['workers'],
      `${mistakes.nameOf('workers')} ${workers} is more than there is to share: ${most === model.connections ? `${most} connections` : `${most} requests`}`,
      `at most ${mistakes.nameOf('workers')} ${most}`,
    );
  return workers;
}
