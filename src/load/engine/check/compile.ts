/** Compiles the checks of a plan into functions that run on every response. */
import { ExactNumber, exactJson, isSameJson, parseExactJson } from '../../../core/exact-json.ts';
import type { LoadCheck, LoadRequest, TextMatch } from '../../../core/load.ts';
import type { StatusRange } from '../../../core/status-range.ts';
import { BoundedPattern, STEPS_BY_THE_WATCH } from '../../../text/bounded-pattern.ts';
import type { Values } from '../request/template.ts';
import type { ResponseView } from '../response.ts';
import { fillCheck } from './filled.ts';

/**
 * Returns what is wrong with a response, if anything.
 *
 * @param values of the user who gets it; undefined: placeholders mean themselves
 */
type Check = (response: ResponseView, values?: Values) => string | undefined;

export interface Checks {
  /** How many bytes of a body they need. */
  readonly keep: number;
  /** Returns what is wrong with a response, in one line. */
  readonly run: Check;
  /** Patterns that were given up for taking too long, as the user wrote them; they accept everything. */
  readonly givenUp: () => string[];
}

/** How many bytes of a body are kept and searched at most. */
export const LONGEST_SEARCHED_BODY = 16 * 1024 * 1024;
/** How many bytes are kept of a body that no check needs, to show it when another check fails. */
export const SHOWN_BODY = 400;
/** Shorter bodies are compared in JavaScript, as a call into native code would take longer. */
const SHORT = 64;

const LONGEST_SHOWN = 60;

function show(text: string): string {
  const short = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return JSON.stringify(short);
}

const showRange = ({ from, to }: StatusRange): string => (from === to ? `${from}` : `${from}–${to}`);

const bodyText = ({ body }: ResponseView): string => body.buffer.toString('utf8', body.start, body.end);

function statusCheck(ranges: readonly StatusRange[]): Check {
  const accepted = new Uint8Array(1000);
  for (const { from, to } of ranges) accepted.fill(1, from, to + 1);
  const wanted = ranges.map(showRange).join(' or ');
  return ({ status }) => (accepted[status] === 1 ? undefined : `answered ${status}, expected ${wanted}`);
}

function equalsBytes(expected: Buffer, { body }: ResponseView): boolean {
  const { buffer, start, end } = body;
  if (expected.length > SHORT) return expected.compare(buffer, start, end) === 0;
  for (let i = 0; i < expected.length; i += 1) if (buffer[start + i] !== expected[i]) return false;
  return true;
}

function firstDifference(expected: Buffer, actual: Buffer): number {
  const length = Math.min(expected.length, actual.length);
  for (let i = 0; i < length; i += 1) if (expected[i] !== actual[i]) return i;
  return length;
}

function explainDifference(expected: Buffer, response: ResponseView): string {
  const { buffer, start, end } = response.body;
  const at = firstDifference(expected, buffer.subarray(start, end));
  const from = Math.max(0, at - 10);
  const around = (bytes: Buffer): string => show(bytes.toString('utf8', from, from + 40));
  const length =
    response.bodyLength === expected.length
      ? ''
      : `, its length is ${response.bodyLength} instead of ${expected.length}`;
  return `answered with a different body than expected${length}; at byte ${at}: ${around(buffer.subarray(start, end))}, expected ${around(expected)}`;
}

function bodyCheck(match: TextMatch, patterns: BoundedPattern[]): Check {
  const bytes = Buffer.from(match.type === 'matches' ? '' : match.text);
  switch (match.type) {
    case 'equals':
      return (response) =>
        response.bodyLength === bytes.length && equalsBytes(bytes, response)
          ? undefined
          : explainDifference(bytes, response);
    case 'contains':
      return ({ body: { buffer, start, end } }) =>
        buffer.subarray(start, end).includes(bytes)
          ? undefined
          : `answered with a body without ${show(match.text)}`;
    case 'matches': {
      const holds = matchesText(match, patterns);
      const complaint = `answered with a body that does not match /${match.source}/${match.flags}`;
      return (response) => (holds(bodyText(response)) ? undefined : complaint);
    }
  }
}

/** A pattern that was given up decides nothing, so every text passes. */
function matchesText(match: TextMatch, patterns: BoundedPattern[]): (text: string) => boolean {
  switch (match.type) {
    case 'equals':
      return (text) => text === match.text;
    case 'contains':
      return (text) => text.includes(match.text);
    case 'matches': {
      const { source, flags } = match;
      const regex = new RegExp(source, flags.replace(/[gy]/g, ''));
      const pattern = new BoundedPattern(
        { type: 'regex', source, flags },
        { regex, steps: STEPS_BY_THE_WATCH },
      );
      patterns.push(pattern);
      return (text) => pattern.test(text) || pattern.isGivenUp;
    }
  }
}

const showMatch = (match: TextMatch): string =>
  match.type === 'matches'
    ? `a match of /${match.source}/${match.flags}`
    : match.type === 'equals'
      ? show(match.text)
      : `a text with ${show(match.text)}`;

function headerCheck(name: string, match: TextMatch | null, patterns: BoundedPattern[]): Check {
  const holds = match === null ? (): boolean => true : matchesText(match, patterns);
  const wanted = match === null ? '' : `, expected ${showMatch(match)}`;
  return (response) => {
    const value = response.header(name);
    if (value === undefined) return `answered without the header ${name}`;
    return holds(value) ? undefined : `answered ${name}: ${show(value)}${wanted}`;
  };
}

export function valueAt(path: readonly (string | number)[], root: unknown): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || value instanceof ExactNumber) return undefined;
    if (!Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

function jsonCheck({ path, value, text }: Extract<LoadCheck, { type: 'json' }>): Check {
  const expected: unknown = text === undefined ? value : parseExactJson(text);
  const place = path.length === 0 ? 'the body' : path.join('.');
  return (response) => {
    let root: unknown;
    try {
      root = parseExactJson(bodyText(response));
    } catch (error) {
      return `answered with a body that is not JSON (${(error as Error).message})`;
    }
    const actual = valueAt(path, root);
    if (isSameJson(actual, expected)) return undefined;
    const found = actual === undefined ? 'nothing' : show(exactJson(actual));
    return `answered with JSON that has ${found} at ${place}, expected ${show(exactJson(expected))}`;
  };
}

/** @param patterns collects those that may have to be given up */
function compile(check: LoadCheck, patterns: BoundedPattern[]): Check {
  switch (check.type) {
    case 'status':
      return statusCheck(check.ranges);
    case 'header':
      return headerCheck(check.name, check.match, patterns);
    case 'body':
      return bodyCheck(check.match, patterns);
    case 'json':
      return jsonCheck(check);
    case 'length':
      return ({ bodyLength }) =>
        bodyLength === check.bytes
          ? undefined
          : `answered with a body of ${bodyLength} bytes, expected ${check.bytes}`;
  }
}

/** Compiled anew for each response where the user's values are part of it. */
function compileFor(check: LoadCheck, patterns: BoundedPattern[]): Check {
  const constant = compile(check, patterns);
  const fill = fillCheck(check);
  if (fill === undefined) return constant;
  return (response, values) =>
    values === undefined ? constant(response) : compile(fill(values), patterns)(response);
}

function bytesNeeded(check: LoadCheck): number {
  if (check.type === 'json') return LONGEST_SEARCHED_BODY;
  if (check.type !== 'body') return 0;
  if (fillCheck(check) !== undefined) return LONGEST_SEARCHED_BODY;
  return check.match.type === 'equals' ? Buffer.byteLength(check.match.text) : LONGEST_SEARCHED_BODY;
}

/** @returns undefined if the request has no checks */
export function compileChecks(request: Pick<LoadRequest, 'checks'>): Checks | undefined {
  const patterns: BoundedPattern[] = [];
  const checks = request.checks.map((check) => compileFor(check, patterns));
  if (checks.length === 0) return undefined;
  return {
    keep: Math.max(SHOWN_BODY, ...request.checks.map(bytesNeeded)),
    run: (response, values) => {
      for (const check of checks) {
        const complaint = check(response, values);
        if (complaint !== undefined) return complaint;
      }
      return undefined;
    },
    givenUp: () => patterns.filter(({ isGivenUp }) => isGivenUp).map(({ shown }) => shown),
  };
}
