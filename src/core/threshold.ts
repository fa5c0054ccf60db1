/**
 * The grammar of thresholds: `p99 < 50ms`, `errors == 0`, `target.rss.growth < 5MB`. Parsed here, within reach of the
 * config, the command line and the reports; `load/threshold` evaluates them.
 *
 *     threshold = metric [ { name } ] operator number unit
 */
import { PERCENTILE_NAMES, type Threshold, type ThresholdOperator, type ThresholdUnit } from './load.ts';
import { CLOCKS, METRICS, metricOf } from './metric.ts';
import { err, ok, type Result } from './result.ts';
import { suggest } from './suggest.ts';

/** What is wrong with a threshold, and where. */
export interface ThresholdError {
  readonly message: string;
  readonly hint?: string;
  /** Where the culprit begins, from 0, and its length in characters. */
  readonly offset: number;
  readonly length: number;
}

/** What some people write instead. */
const ALIASES: Readonly<Record<string, string>> = { 'p99.9': 'p999' };
const PERCENTILE = new RegExp(`^(?:(?:${CLOCKS.join('|')})\\.)?p\\d`);

/** Each unit by its spelling: what it measures, and how many base units it is. */
const UNITS: Readonly<Record<string, { readonly unit: ThresholdUnit; readonly factor: number }>> = {
  '': { unit: 'count', factor: 1 },
  '%': { unit: 'share', factor: 0.01 },
  '/s': { unit: 'per-second', factor: 1 },
  us: { unit: 'us', factor: 1 },
  µs: { unit: 'us', factor: 1 },
  ms: { unit: 'us', factor: 1000 },
  s: { unit: 'us', factor: 1_000_000 },
  m: { unit: 'us', factor: 60_000_000 },
  B: { unit: 'bytes', factor: 1 },
  KB: { unit: 'bytes', factor: 1000 },
  MB: { unit: 'bytes', factor: 1_000_000 },
  GB: { unit: 'bytes', factor: 1_000_000_000 },
  KiB: { unit: 'bytes', factor: 2 ** 10 },
  MiB: { unit: 'bytes', factor: 2 ** 20 },
  GiB: { unit: 'bytes', factor: 2 ** 30 },
};

/** How messages ask for a unit. */
const ACCEPTED: Readonly<Record<ThresholdUnit, string>> = {
  us: 'a time such as 50ms, 200us or 1.5s',
  bytes: 'a size such as 5MB, 64KiB or 100B',
  share: 'a percentage such as 0.1%',
  'per-second': 'a rate such as 1000/s',
  count: 'a number such as 0',
};

const OPERATORS: readonly ThresholdOperator[] = ['<=', '>=', '==', '!=', '<', '>'];
const EXAMPLE = 'a threshold reads like p99 < 50ms, errors == 0, failed < 0.1% or rate >= 1000/s';

/** There are two code points for the micro sign. */
const normalUnit = (text: string): string => text.replace('\u03bc', '\u00b5');

/** Divides where possible: 7 % is exactly 7 / 100, but 7 × 0.01 is not. */
const toBase = (amount: number, factor: number): number =>
  factor < 1 ? amount / Math.round(1 / factor) : amount * factor;

interface Token {
  readonly text: string;
  readonly offset: number;
}

/** Reads a text from left to right, skipping blanks. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token, if it matches; else undefined. */
  take(pattern: RegExp): Token | undefined {
    const blanks = /^\s*/.exec(this.#text.slice(this.#at))?.[0].length ?? 0;
    const offset = this.#at + blanks;
    const text = pattern.exec(this.#text.slice(offset))?.[0];
    if (text === undefined) return undefined;
    this.#at = offset + text.length;
    return { text, offset };
  }

  /** What is before a place, which is read next. */
  skipTo(offset: number): string {
    const text = this.#text.slice(this.#at, offset);
    this.#at = offset;
    return text;
  }

  /** The next word, or the empty end of the text. */
  next(): Token {
    return this.take(/^\S+/) ?? { text: '', offset: this.#text.length };
  }
}

const fail = ({ text, offset }: Token, message: string, hint: string): Result<never, ThresholdError> =>
  err({ message, hint, offset, length: Math.max(1, text.length) });

function metricError(token: Token): Result<never, ThresholdError> {
  const { text } = token;
  if (text === '') return fail(token, 'a threshold starts with what is measured', EXAMPLE);
  // Any other percentile is close to several: suggesting one would be a guess.
  if (PERCENTILE.test(text))
    return fail(token, `there is no metric "${text}"`, `the percentiles are ${PERCENTILE_NAMES.join(', ')}`);
  const near = suggest(text, [...METRICS.keys()]);
  if (near !== undefined) return fail(token, `there is no metric "${text}"`, `did you mean "${near}"?`);
  if (text.startsWith('status'))
    return fail(token, `there is no metric "${text}"`, 'a status is written as status.404 or status.5xx');
  const [family = ''] = text.split('.');
  const relatives = [...METRICS.keys()].filter((name) => name.startsWith(`${family}.`));
  const known = relatives.length > 0 ? relatives : [...METRICS.keys()].filter((name) => !name.includes('.'));
  return fail(token, `there is no metric "${text}"`, `there are ${known.join(', ')}`);
}

/** A name between braces, which it may contain itself: `{GET /orders/{{id}}}`. Nothing that follows it has any. */
function takeName(reader: Reader, text: string, metric: string): Result<string | null, ThresholdError> {
  const open = reader.take(/^\{/);
  if (open === undefined) return ok(null);
  const from = open.offset + 1;
  const to = text.lastIndexOf('}');
  const token = { text: text.slice(open.offset), offset: open.offset };
  if (to < from) return fail(token, 'the name is not closed', `write it as ${metric}{NAME}`);
  const name = reader
    .skipTo(to + 1)
    .slice(0, -1)
    .trim();
  if (name === '') return fail(token, 'there is no name between the braces', `write it as ${metric}{NAME}`);
  if (['target', 'iterations', 'capacity'].includes(metricOf(metric)?.about.type ?? ''))
    return fail(token, `"${metric}" is that of all requests together`, `write it without {${name}}`);
  return ok(name);
}

/**
 * Parses a threshold.
 *
 * @param text what the user wrote, such as `p99 < 50ms`; a number without a unit is refused, since that would be a
 *   guess
 * @returns the threshold, its value in the base unit; or the first mistake and its place
 */
export function parseThreshold(text: string): Result<Threshold, ThresholdError> {
  const reader = new Reader(text);
  const metricToken = reader.take(/^[^\s<>=!{]+/) ?? reader.next();
  const metric = ALIASES[metricToken.text] ?? metricToken.text;
  const units = [...(metricOf(metric)?.read.keys() ?? [])];
  if (units.length === 0) return metricError(metricToken);
  const accepted = units.map((unit) => ACCEPTED[unit]).join(', or ');

  const name = takeName(reader, text, metric);
  if (!name.ok) return name;

  const operatorToken = reader.take(/^[<>=!]+/) ?? reader.next();
  const operator = OPERATORS.find((each) => each === operatorToken.text);
  if (operator === undefined) {
    const said = operatorToken.text === '' ? 'nothing' : `"${operatorToken.text}"`;
    const hint = operatorToken.text === '=' ? 'write == for equality' : EXAMPLE;
    return fail(
      operatorToken,
      `"${metric}" must be followed by one of ${OPERATORS.join(' ')}, not by ${said}`,
      hint,
    );
  }

  const numberToken = reader.take(/^\d+(?:\.\d+)?(?:e[+-]?\d+)?/i);
  if (numberToken === undefined) {
    const token = reader.next();
    const said = token.text === '' ? 'nothing' : `"${token.text}"`;
    return fail(
      token,
      `"${metric} ${operator}" must be followed by a number, not by ${said}`,
      `write ${accepted}`,
    );
  }
  const unitToken = reader.take(/^\S+/) ?? { text: '', offset: numberToken.offset };
  const unit = UNITS[normalUnit(unitToken.text)];
  const culprit = unitToken.text === '' ? numberToken : unitToken;
  if (unit === undefined) return fail(culprit, `there is no unit "${unitToken.text}"`, `write ${accepted}`);
  if (!units.includes(unit.unit)) {
    const said = unitToken.text === '' ? 'a number without a unit' : `a value in "${unitToken.text}"`;
    return fail(culprit, `"${metric}" cannot be compared with ${said}`, `write ${accepted}`);
  }
  const rest = reader.next();
  if (rest.text !== '') return fail(rest, `"${rest.text}" is too much`, 'give each threshold separately');
  const value = toBase(Number(numberToken.text), unit.factor);
  if (!Number.isFinite(value))
    return fail(numberToken, `${numberToken.text} is too large`, `write ${accepted}`);
  return ok({ text: text.trim(), metric, name: name.value, operator, value, unit: unit.unit });
}

/** Formats a measured value in the unit of its threshold: `12.3 ms`, `4.2 MB`, `0.12 %`, `1,234/s`. */
export function showMeasure(value: number, unit: ThresholdUnit): string {
  const short = (amount: number): string =>
    amount.toLocaleString('en-US', { maximumSignificantDigits: Math.abs(amount) >= 1000 ? 15 : 3 });
  const size = Math.abs(value);
  switch (unit) {
    case 'us':
      if (size < 1000) return `${short(value)} µs`;
      return size < 1_000_000 ? `${short(value / 1000)} ms` : `${short(value / 1_000_000)} s`;
    case 'bytes':
      if (size < 1000) return `${short(value)} B`;
      if (size < 1_000_000) return `${short(value / 1000)} KB`;
      return size < 1e9 ? `${short(value / 1_000_000)} MB` : `${short(value / 1e9)} GB`;
    case 'share':
      return `${short(value * 100)} %`;
    case 'per-second':
      return `${size >= 1000 ? Math.round(value).toLocaleString('en-US') : short(value)}/s`;
    case 'count':
      return value.toLocaleString('en-US');
  }
}
