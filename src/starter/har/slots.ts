/** The values of a recorded request that may have come from an earlier response, or must not be written down. */
import { ExactNumber, parseExactJson } from '../../core/exact-json.ts';
import { type Exchange, type Field, isFormType, isJsonType } from './archive.ts';
import { isIdSegment } from './words.ts';

export interface Slot {
  readonly where: 'path' | 'query' | 'header' | 'json' | 'form' | 'text';
  /** Its place in the request. */
  readonly at: string;
  /** The name of its field; empty in a path. */
  readonly key: string;
  /** What has the field: an object in a body, or the kind of thing that a path names. */
  readonly owner: string;
  readonly value: string;
  /** In a header: what precedes it, such as `Bearer `. */
  readonly scheme: string;
}

/** Deeper bodies are taken as text. */
const DEEPEST = 60;

/** @returns the value of a JSON body; undefined if it is none, or too deep */
export function jsonOf(text: string | null): { readonly value: unknown } | undefined {
  if (text === null) return undefined;
  try {
    const value = parseExactJson(text);
    return depthOf(value, 0) > DEEPEST ? undefined : { value };
  } catch {
    return undefined;
  }
}

function depthOf(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber || depth > DEEPEST)
    return depth;
  let deepest = depth;
  for (const each of Object.values(value)) deepest = Math.max(deepest, depthOf(each, depth + 1));
  return deepest;
}

export interface Leaf {
  readonly path: readonly string[];
  /** The nearest name of an object around it; empty if there is none. */
  readonly owner: string;
  /** As text. */
  readonly value: string;
  /** It is no number. */
  readonly isText: boolean;
}

/** Names of wrappers, which say nothing about what is in them. */
const WRAPPERS =
  /^(?:data|result|results|items?|payload|response|attributes|nodes?|edges|content|list|rows|records|value|object|input|variables|params|body|meta|\d+)$/i;

/** The texts and numbers in a JSON value. */
export function leavesOf(value: unknown, path: readonly string[] = []): Leaf[] {
  if (typeof value === 'string' || typeof value === 'number' || value instanceof ExactNumber) {
    const owner = path.slice(0, -1).findLast((each) => !WRAPPERS.test(each)) ?? '';
    const text = value instanceof ExactNumber ? value.text : String(value);
    return [{ path, owner, value: text, isText: typeof value === 'string' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => leavesOf(each, [...path, name]));
}

export const jsonPlace = (path: readonly string[]): string => `json:${path.join('\0')}`;

/** A part of a URL; one that is badly encoded as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `name=value&…` in its parts, as written. */
export const pairsOf = (text: string): string[] => (text === '' ? [] : text.split('&'));

export function splitPair(pair: string): readonly [name: string, value: string] {
  const at = pair.indexOf('=');
  return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

const plain = { owner: '', scheme: '' };

function pairSlots(text: string, where: 'query' | 'form'): Slot[] {
  return pairsOf(text).map((pair, index) => {
    const [name, value] = splitPair(pair).map((part) => decoded(part.replaceAll('+', ' ')));
    return { ...plain, where, at: `${where}:${index}`, key: name ?? '', value: value ?? '' };
  });
}

/** The kind of thing that a segment of a path names: what precedes it. */
function pathSlots({ pathname }: URL): Slot[] {
  const segments = pathname.split('/').map(decoded);
  return segments.map((value, index) => {
    const before = segments.slice(0, index).findLast((each) => each !== '' && !isIdSegment(each));
    return { ...plain, where: 'path', at: `path:${index}`, key: '', owner: before ?? '', value };
  });
}

const SCHEME = /^(?:Bearer|Token|JWT|Basic|ApiKey|Api-Key) +(?=\S)/i;

function headerSlots(headers: readonly Field[]): Slot[] {
  return headers.map(([name, value], index) => {
    const scheme = SCHEME.exec(value)?.[0] ?? '';
    const rest = value.slice(scheme.length);
    return { where: 'header', at: `header:${index}`, key: name, owner: '', value: rest, scheme };
  });
}

function bodySlots({ body }: Exchange): Slot[] {
  if (body?.text == null) return [];
  if (isFormType(body.type)) return pairSlots(body.text, 'form');
  const json = isJsonType(body.type) ? jsonOf(body.text) : undefined;
  if (json === undefined) return [{ ...plain, where: 'text', at: 'text', key: 'body', value: body.text }];
  return leavesOf(json.value).map(({ path, owner, value }) => ({
    ...{ where: 'json', at: jsonPlace(path), owner, value, scheme: '' },
    key: path.findLast((each) => !/^\d+$/.test(each)) ?? '',
  }));
}

/** @param headers those that are kept */
export const slotsOf = (exchange: Exchange, headers: readonly Field[]): Slot[] => [
  ...pathSlots(exchange.url),
  ...pairSlots(exchange.url.search.slice(1), 'query'),
  ...headerSlots(headers),
  ...bodySlots(exchange),
];

/** The kind of thing that a path is about: `orders` of `/api/orders/17`. */
export const resourceOf = ({ pathname }: URL): string =>
  pathname
    .split('/')
    .map(decoded)
    .findLast((each) => each !== '' && !isIdSegment(each)) ?? '';
