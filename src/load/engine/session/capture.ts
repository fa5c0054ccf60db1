/** Takes values from responses, to be filled into later requests. Whatever the server sends, they stay short. */
import { ExactNumber, exactJson, parseExactJson } from '../../../core/exact-json.ts';
import type { LoadCapture } from '../../../core/load-scenario.ts';
import { BoundedPattern, STEPS_BY_THE_WATCH } from '../../../text/bounded-pattern.ts';
import { LONGEST_SEARCHED_BODY, valueAt } from '../check/compile.ts';
import type { ResponseView } from '../response.ts';

/** A captured value. */
export interface Captured {
  readonly text: string;
  /** The value as JSON, if it was something other than a text there. */
  readonly json: string | null;
}

/** A response, and the cookies of its user once it has been taken in. */
export interface Answer {
  readonly response: ResponseView;
  readonly cookie: (name: string) => string | undefined;
}

export interface Captures {
  /** How many bytes of a body they need. */
  readonly keep: number;
  /** Returns what is missing in a response, in one line. */
  readonly take: (answer: Answer, into: Map<string, Captured>) => string | undefined;
  /** Patterns that were given up for taking too long, as the user wrote them. */
  readonly givenUp: () => string[];
}

/** In characters: more than any token has, and little enough for ten thousand users. */
export const LONGEST_VALUE = 16_384;

/** What is wrong, after "answered". */
interface Complaint {
  readonly lacks: string;
}
type Find = (answer: Answer) => Captured | Complaint;

const asText = (text: string): Captured => ({ text, json: null });

const nothing = (text: string | undefined, lacks: string): Captured | Complaint =>
  text === undefined ? { lacks } : asText(text);

/** Not allowed in a header: everything but tabs and printable Latin-1. */
const UNFIT = /[^\t\x20-\x7e\x80-\xff]/;
const HALF_CHARACTER = /\p{Surrogate}/u;

/** Detaches a text from the body that it was cut out of, which would otherwise be kept as long as the text is. */
const detached = (text: string): string => Buffer.from(text).toString();

/** Why a value cannot be used; undefined if it can. */
function unusable(text: string, isForHeader: boolean): string | undefined {
  if (text.length > LONGEST_VALUE) return `of ${text.length} characters, which is more than ${LONGEST_VALUE}`;
  if (HALF_CHARACTER.test(text)) return 'with half a character (a surrogate alone)';
  if (isForHeader && UNFIT.test(text))
    return 'that no header can hold: it has a line break or more than Latin-1';
  return undefined;
}

/** Parses each body once, however many values are taken from it. */
class LastJson {
  #of: ResponseView | undefined;
  #root: unknown;

  root(response: ResponseView): unknown {
    if (this.#of === response) return this.#root;
    const { buffer, start, end } = response.body;
    this.#root = parseExactJson(buffer.toString('utf8', start, end));
    this.#of = response;
    return this.#root;
  }

  forget(): void {
    this.#of = undefined;
    this.#root = undefined;
  }
}

function fromJson(path: readonly (string | number)[], json: LastJson): Find {
  const place = path.length === 0 ? 'as a whole' : `at ${path.join('.')}`;
  return ({ response }) => {
    let root: unknown;
    try {
      root = json.root(response);
    } catch (error) {
      return { lacks: `with a body that is not JSON (${(error as Error).message})` };
    }
    const value = valueAt(path, root);
    if (value === undefined || value === null) return { lacks: `with JSON that has nothing ${place}` };
    if (typeof value === 'string') return asText(value);
    if (typeof value === 'object' && !(value instanceof ExactNumber) && response.bodyLength > LONGEST_VALUE)
      return { lacks: `with JSON that has more than a value ${place}` };
    const text = exactJson(value);
    return { text, json: text };
  };
}

/** Keeps the match of a test. */
class Remembering extends RegExp {
  found: RegExpExecArray | null = null;

  override test(text: string): boolean {
    this.found = this.exec(text);
    return this.found !== null;
  }
}

function fromBody(source: string, flags: string, patterns: BoundedPattern[]): Find {
  const regex = new Remembering(source, flags.replace(/[gy]/g, ''));
  const pattern = new BoundedPattern({ type: 'regex', source, flags }, { regex, steps: STEPS_BY_THE_WATCH });
  patterns.push(pattern);
  const lacks = `with a body that does not match /${source}/${flags}`;
  return ({ response: { body } }) => {
    if (!pattern.test(body.buffer.toString('utf8', body.start, body.end))) return { lacks };
    const { found } = regex;
    regex.found = null;
    return nothing(found?.[1] ?? found?.[0], lacks);
  };
}

function compile({ from }: LoadCapture, json: LastJson, patterns: BoundedPattern[]): Find {
  switch (from.type) {
    case 'json':
      return fromJson(from.path, json);
    case 'header':
      return ({ response }) => nothing(response.header(from.name), `without the header ${from.name}`);
    case 'cookie':
      return ({ cookie }) => nothing(cookie(from.name), `without a cookie ${from.name}`);
    case 'regex':
      return fromBody(from.source, from.flags, patterns);
  }
}

/**
 * @param isForHeader whether any request has the value in a header
 * @returns null if nothing is taken
 */
export function compileCaptures(
  captures: readonly LoadCapture[],
  isForHeader: (name: string) => boolean,
): Captures | null {
  if (captures.length === 0) return null;
  const json = new LastJson();
  const patterns: BoundedPattern[] = [];
  const all = captures.map((capture) => ({
    name: capture.name,
    find: compile(capture, json, patterns),
    isForHeader: isForHeader(capture.name),
  }));
  const takeOne = (each: (typeof all)[number], answer: Answer, into: Map<string, Captured>) => {
    const found = each.find(answer);
    if ('lacks' in found) return `answered ${found.lacks}, where {{${each.name}}} is to come from`;
    const why = unusable(found.text, each.isForHeader);
    if (why !== undefined) return `answered with a value for {{${each.name}}} ${why}`;
    into.set(each.name, { text: detached(found.text), json: found.json });
    return undefined;
  };
  return {
    keep: captures.some(({ from }) => from.type === 'json' || from.type === 'regex')
      ? LONGEST_SEARCHED_BODY
      : 0,
    take: (answer, into) => {
      let complaint: string | undefined;
      for (const each of all) complaint ??= takeOne(each, answer, into);
      json.forget();
      return complaint;
    },
    givenUp: () => patterns.filter(({ isGivenUp }) => isGivenUp).map(({ shown }) => shown),
  };
}
