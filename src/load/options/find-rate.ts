/** The options of a search for the highest rate that holds. */
import type { SearchRange } from '../../core/capacity.ts';
import type { LoadRequest, Threshold } from '../../core/load.ts';
import type { Mistakes, Origin } from './mistakes.ts';
import type { LoadOptions } from './options.ts';
import { type GivenThresholds, toThresholds } from './thresholds.ts';
import { FIND_RATE } from './words.ts';

const CAPACITY = 'capacity';

/** How long each rate is sent if the options do not say, in a config too: so many requests would be too few. */
export const LEVEL_DURATION = '10s';
/** The share of a measurement that the warm-up before it takes, unless one is given. */
export const LEVEL_WARMUP = 1 / 5;

/** @returns the rates to be tried; null if no rate is searched for */
export function toRange(options: LoadOptions, mistakes: Mistakes): SearchRange | null {
  const { findRate } = options;
  if (findRate === undefined) return null;
  const { from, to } = findRate;
  mistakes.exclude('a search sends requests at many rates, and decides itself at which, and for how long', [
    [['findRate'], true],
    [['rate'], options.rate !== undefined],
    [['requests'], options.requests !== undefined],
    [['stages'], options.stages !== undefined],
    [['websocket'], options.websocket !== undefined],
    [['sse'], options.sse !== undefined],
    [['saveFailures'], options.saveFailures !== undefined],
    [['abortOn'], options.abortOn !== undefined && options.abortOn.length > 0],
  ]);
  if (from !== undefined && to !== undefined && from > to)
    mistakes.add(
      ['findRate', 'from'],
      `${mistakes.nameOf('findRate', 'from')} is more than ${mistakes.nameOf('findRate', 'to')}`,
      'the search goes from the lower rate to the higher one',
    );
  const most = to ?? FIND_RATE.most;
  const start = from ?? Math.min(FIND_RATE.start, most);
  return { start, least: from ?? Math.min(FIND_RATE.least, start), most: Math.max(start, most) };
}

/** @param requests whose names conditions may have; null: any names */
export function toConditions(
  { findRate }: LoadOptions,
  requests: readonly LoadRequest[] | null,
  { tell }: Origin,
  mistakes: Mistakes,
): Threshold[] {
  const path = ['findRate', 'while'];
  const given = findRate?.while ?? [];
  const conditions =
    typeof given === 'string'
      ? toThresholds({ texts: [given], tell: (problem) => tell({ ...problem, path }) }, path, requests)
      : toThresholds({ texts: given, tell }, path, requests);
  if (conditions.some(({ metric }) => metric === CAPACITY))
    mistakes.about(
      path,
      'the capacity is what the search finds, so it cannot be a condition',
      `write it as a threshold: ${mistakes.nameOf('thresholds')}`,
    );
  return conditions;
}

/** Reports thresholds that no load of this kind can meet: only a search finds a capacity, and it finds nothing else. */
export function checkThresholds(
  { texts, tell }: GivenThresholds,
  thresholds: readonly Threshold[],
  { findRate }: LoadOptions,
  mistakes: Mistakes,
): void {
  const name = mistakes.nameOf('findRate');
  for (const { text, metric } of thresholds) {
    const path = ['thresholds', texts.findIndex((each) => each.trim() === text)];
    if (metric === CAPACITY && findRate === undefined)
      tell({
        path,
        message: `"${text}" needs a search for the capacity`,
        hint: `say with ${name} which conditions are to hold, such as p99 < 50ms`,
      });
    if (metric !== CAPACITY && findRate !== undefined)
      tell({
        path,
        message: `"${text}" cannot be a threshold of a search for the capacity, which sends many rates`,
        hint: `if it is to hold at the rate that is found, give it to ${name}`,
      });
  }
}
