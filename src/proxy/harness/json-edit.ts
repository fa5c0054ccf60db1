/** Changes one place in the text of a JSON document, and leaves every other character as it is. */

import { nextOfKind } from '../../core/near-misses.ts';

/** A scalar in a document, or a member of one of its objects. */
interface Place {
  /** Its path, with `[]` for any element of a list: `$.items[].id`. */
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

export interface Places {
  readonly scalars: readonly Place[];
  /** From the name to the end of the value. */
  readonly members: readonly Place[];
}

/** In documents with more places than this, only the first ones are changed. */
const MOST_PLACES = 20_000;
/** Deeper documents are left alone: walking them takes stack. */
const DEEPEST = 200;

/** Longer paths are cut: each of thousands of places has one, and a server may choose names of any length. */
const LONGEST_PATH = 400;
const LONGEST_NAME = 100;

const STRING = /"(?:[^"\\]|\\.)*"/y;
const SCALAR = /-?\d[\d.eE+-]*|true|false|null/y;
const BLANKS = /[ \t\r\n]*/y;

const extended = (path: string, by: string): string => {
  if (path.length + by.length <= LONGEST_PATH) return path + by;
  return path.endsWith('…') ? path : `${path}…`;
};

function memberPath(path: string, name: string): string {
  const short = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
  return extended(path, /^[\w$]+$/.test(short) ? `.${short}` : `[${JSON.stringify(short)}]`);
}

/** Walks a text that is known to be JSON. */
class Walk {
  readonly scalars: Place[] = [];
  readonly members: Place[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  walk(): void {
    this.#value('$', 0);
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  /** @returns the next character that is not a blank */
  #peek(): string {
    this.#take(BLANKS);
    return this.#text[this.#at] ?? '';
  }

  #value(path: string, depth: number): void {
    if (depth > DEEPEST) throw new RangeError('the document is too deep');
    const first = this.#peek();
    if (first === '{') this.#object(path, depth);
    else if (first === '[') this.#list(path, depth);
    else {
      const start = this.#at;
      this.#take(first === '"' ? STRING : SCALAR);
      if (this.scalars.length < MOST_PLACES) this.scalars.push({ path, start, end: this.#at });
    }
  }

  #object(path: string, depth: number): void {
    this.#at += 1;
    while (this.#peek() !== '}') {
      if (this.#peek() === ',') this.#at += 1;
      this.#take(BLANKS);
      const start = this.#at;
      const inner = memberPath(path, JSON.parse(this.#take(STRING)) as string);
      this.#peek();
      this.#at += 1;
      this.#value(inner, depth + 1);
      if (this.members.length < MOST_PLACES) this.members.push({ path: inner, start, end: this.#at });
    }
    this.#at += 1;
  }

  #list(path: string, depth: number): void {
    this.#at += 1;
    while (this.#peek() !== ']') {
      if (this.#peek() === ',') this.#at += 1;
      this.#value(extended(path, '[]'), depth + 1);
    }
    this.#at += 1;
  }
}

/** @returns the places of a document; undefined if it is not JSON, or too deep */
export function placesIn(text: string): Places | undefined {
  try {
    JSON.parse(text);
    const walk = new Walk(text);
    walk.walk();
    return { scalars: walk.scalars, members: walk.members };
  } catch {
    return undefined;
  }
}

/** Replaces the first letter or digit by the next one of its kind; a text without any gets one. */
function otherText(text: string): string {
  const at = text.search(/[a-z0-9]/i);
  if (at < 0) return `${text}x`;
  return text.slice(0, at) + nextOfKind(text[at] as string) + text.slice(at + 1);
}

/** The number plus one, exactly; 0 where that may be beyond 2^53, since many clients would read both as the same number. */
function otherNumber(literal: string): string {
  const number = Number(literal);
  const more = /^-?\d+$/.test(literal) ? String(BigInt(literal) + 1n) : String(number + 1);
  return Number.isFinite(number) && Number(more) !== number ? more : '0';
}

/** Another value of the same type, as a literal. `null` has none. */
export function otherValue(literal: string): string | undefined {
  if (literal === 'true') return 'false';
  if (literal === 'false') return 'true';
  if (literal === 'null') return undefined;
  if (literal.startsWith('"')) return JSON.stringify(otherText(JSON.parse(literal) as string));
  return otherNumber(literal);
}

/** A value of another type, as a literal. */
export function otherType(literal: string): string {
  if (literal.startsWith('"')) return '0';
  return literal === 'null' ? 'false' : JSON.stringify(literal);
}

/** Removes a member, with one of the commas beside it. */
function without(text: string, { start, end }: Place): string {
  const after = /^[ \t\r\n]*,[ \t\r\n]*/.exec(text.slice(end));
  if (after !== null) return text.slice(0, start) + text.slice(end + after[0].length);
  const before = text.slice(0, start).trimEnd();
  return (before.endsWith(',') ? before.slice(0, -1) : text.slice(0, start)) + text.slice(end);
}

export type JsonChange = 'wrong-value' | 'wrong-type' | 'missing-field';

/** How many of the places that were changed are named. */
const MOST_NAMED = 20;

/** Decides which place is changed: always the one that was changed least so far, so that a run changes all of them. */
export class Walker {
  readonly #touched = new Map<string, number>();
  readonly #named = new Set<string>();
  readonly #seed: number;

  /** @param seed decides which of several places it begins with */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The places that were changed, such as `$.items[].id of GET /items`; the first ones. */
  get changedFields(): readonly string[] {
    return [...this.#named];
  }

  /**
   * @param route of the request, since documents of different routes have different places
   * @returns the changed text; undefined if it contains nothing to change
   */
  change(text: string, route: string, change: JsonChange): string | undefined {
    const places = placesIn(text);
    if (places === undefined) return undefined;
    const isSuitable = ({ start, end }: Place): boolean =>
      change !== 'wrong-value' || text.slice(start, end) !== 'null';
    const all = (change === 'missing-field' ? places.members : places.scalars).filter(isSuitable);
    const place = this.#pick(all, `${change} ${route}`);
    if (place === undefined) return undefined;
    if (this.#named.size < MOST_NAMED) this.#named.add(`${place.path} of ${route}`);
    if (change === 'missing-field') return without(text, place);
    const literal = text.slice(place.start, place.end);
    const other = change === 'wrong-value' ? otherValue(literal) : otherType(literal);
    return other === undefined ? undefined : text.slice(0, place.start) + other + text.slice(place.end);
  }

  #pick(places: readonly Place[], route: string): Place | undefined {
    const byPath = new Map<string, Place[]>();
    for (const place of places) {
      const others = byPath.get(place.path);
      if (others === undefined) byPath.set(place.path, [place]);
      else others.push(place);
    }
    const paths = [...byPath.keys()];
    const countOf = (path: string): number => this.#touched.get(`${route} ${path}`) ?? 0;
    const least = Math.min(...paths.map(countOf));
    const candidates = paths.filter((path) => countOf(path) === least);
    const path = candidates[this.#seed % candidates.length];
    if (path === undefined) return undefined;
    this.#touched.set(`${route} ${path}`, least + 1);
    const elements = byPath.get(path) ?? [];
    return elements[least % elements.length];
  }
}
