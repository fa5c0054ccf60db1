/** Parsers of option values; errors are reported the way the command line parser does. */
import { InvalidArgumentError } from 'commander';
import type { ShardChoice } from '../core/shard.ts';
import { type Ms, parseDuration } from '../core/units.ts';
import type { StartBudget } from '../kinds/index.ts';

export function wholeNumber(least: number, most: number, what: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`${what} is a whole number from ${least} to ${most}.`);
    return value;
  };
}

export function durationOption(text: string): Ms {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new InvalidArgumentError(`${parsed.error}.`);
  return parsed.value;
}

/** A valid duration, as it was written. */
export function durationText(text: string): string {
  durationOption(text);
  return text;
}

const MOST_SHARDS = 1000;

/** `2/3` */
export function shardOption(text: string): ShardChoice {
  const [, number = Number.NaN, of = Number.NaN] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number);
  if (!(number >= 1 && number <= of && of <= MOST_SHARDS))
    throw new InvalidArgumentError(
      `A shard is k/n, such as 2/3: the second of three; at most ${MOST_SHARDS}.`,
    );
  return { number, of };
}

/** A list without empty and double entries: `20,22`. */
function listOption(text: string, isValid: (each: string) => boolean, what: string): string[] {
  const list = [...new Set(text.split(',').map((each) => each.trim()))];
  if (!list.every(isValid)) throw new InvalidArgumentError(`${what}.`);
  return list;
}

/** `20,22.11,24.0.1` */
export const nodeVersions = (text: string): string[] =>
  listOption(
    text,
    (each) => /^\d+(?:\.\d+){0,2}$/.test(each),
    'Versions are separated by commas, such as 20,22.11',
  );

/** `3.11,3.13t` */
export const pythonVersions = (text: string): string[] =>
  listOption(
    text,
    (each) => /^\d+\.\d+(?:\.\d+)?t?$/.test(each),
    'Versions are separated by commas, such as 3.11,3.13t',
  );

/** `lowest,highest`, or one of them. */
export const peerEnds = (text: string): string[] =>
  listOption(text, (each) => /^(?:lowest|highest)$/.test(each), 'It is lowest, highest, or lowest,highest');

/** `start=3x,modules=200`, or one of them. */
export function startBudget(text: string): StartBudget {
  const parts = listOption(
    text,
    (each) => /^(?:start=(?!0+(?:\.0+)?x)\d{1,4}(?:\.\d+)?x|modules=\d{1,6})$/.test(each),
    'A budget is start=3x,modules=200, or one of them; no start takes no time',
  );
  const of = (name: keyof StartBudget): StartBudget => {
    const [value, ...others] = parts.filter((each) => each.startsWith(`${name}=`));
    if (others.length > 0) throw new InvalidArgumentError(`A budget has one ${name}.`);
    return value === undefined ? {} : { [name]: Number(value.replace(/^\w+=|x$/g, '')) };
  };
  return { ...of('start'), ...of('modules') };
}

/** For an option that may be repeated. */
export const collect = (text: string, all: readonly string[] = []): string[] => [...all, text];
