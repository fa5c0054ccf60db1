/** Writes a recorded request as a step, with placeholders for captured values and variables for secrets. */
import { ExactNumber, exactJson } from '../../core/exact-json.ts';
import { bareType, type Field, isFormType, isJsonType } from './archive.ts';
import type { Filled, Recorded } from './flow.ts';
import { Phrase, type Variable } from './phrase.ts';
import { jsonOf, jsonPlace, pairsOf, type Slot, splitPair } from './slots.ts';

/** What stands in the place of a value. */
export type Fill =
  | ({ readonly type: 'captured' } & Pick<Filled, 'name' | 'isWhole' | 'isText'>)
  | { readonly type: 'secret'; readonly variable: string };

export interface RenderedRequest {
  readonly path: Phrase;
  readonly headers: readonly (readonly [name: string, value: Phrase])[];
  /** Texts in the value may be phrases. */
  readonly body: { readonly json: unknown } | { readonly text: Phrase } | null;
}

type FillAt = (at: string) => Fill | undefined;

function phraseOf(fill: Fill, within: Variable['within']): Phrase {
  return fill.type === 'captured'
    ? new Phrase(`{{${fill.name}}}`)
    : new Phrase({ variable: fill.variable, within });
}

/** Recorded braces, which would be a placeholder. */
const inUrl = (text: string): string => text.replaceAll('{', '%7B').replaceAll('}', '%7D');

function pairs(text: string, where: 'query' | 'form', fillAt: FillAt): Phrase {
  const phrases = pairsOf(text).map((pair, index) => {
    const fill = fillAt(`${where}:${index}`);
    if (fill === undefined) return new Phrase(inUrl(pair));
    return Phrase.join([new Phrase(`${inUrl(splitPair(pair)[0])}=`), phraseOf(fill, 'url')]);
  });
  return Phrase.join(phrases, '&');
}

function pathOf({ exchange: { url } }: Recorded, fillAt: FillAt): Phrase {
  const segments = url.pathname.split('/').map((segment, index) => {
    const fill = fillAt(`path:${index}`);
    return fill === undefined ? new Phrase(inUrl(segment)) : phraseOf(fill, 'url');
  });
  const path = Phrase.join(segments, '/');
  return url.search.length < 2
    ? path
    : Phrase.join([path, new Phrase('?'), pairs(url.search.slice(1), 'query', fillAt)]);
}

/** Asked of the whole text: braces that are opened in a name may be closed by those of the objects around it. */
const hasBraces = (value: unknown): boolean => exactJson(value).includes('{{');

const hasExact = (value: unknown): boolean =>
  value instanceof ExactNumber ||
  (typeof value === 'object' && value !== null && Object.values(value).some(hasExact));

/** The value with phrases for the texts that are filled in. */
function filledJson(value: unknown, fillAt: FillAt, path: readonly string[] = []): unknown {
  if (Array.isArray(value))
    return value.map((each, index) => filledJson(each, fillAt, [...path, String(index)]));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, filledJson(each, fillAt, [...path, name])]),
    );
  const fill = fillAt(jsonPlace(path));
  return fill === undefined ? value : phraseOf(fill, 'text');
}

/** Recorded braces are escaped as JSON allows. */
const jsonText = (value: unknown): string => exactJson(value).replaceAll('{{', '{\\u007b');

/** The same as text, in which every value keeps its quotes or has none, and a number all of its digits. */
function writtenJson(value: unknown, fillAt: FillAt, path: readonly string[] = []): Phrase {
  const fill = fillAt(jsonPlace(path));
  if (fill !== undefined) {
    if (fill.type === 'secret') return phraseOf(fill, 'json');
    const quote = typeof value === 'string' ? '"' : '';
    return Phrase.join([new Phrase(quote), phraseOf(fill, 'json'), new Phrase(quote)]);
  }
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber)
    return new Phrase(jsonText(value));
  const isList = Array.isArray(value);
  const inner = Object.entries(value).map(([name, each]) =>
    Phrase.join([new Phrase(isList ? '' : `${jsonText(name)}:`), writtenJson(each, fillAt, [...path, name])]),
  );
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  return Phrase.join([new Phrase(open), Phrase.join(inner, ','), new Phrase(close)]);
}

/** Whether a number is to become a text, or a text a number: in a value both stay what they were in the response. */
function changesType(value: unknown, fillAt: FillAt, path: readonly string[] = []): boolean {
  if (typeof value === 'object' && value !== null && !(value instanceof ExactNumber))
    return Object.entries(value).some(([name, each]) => changesType(each, fillAt, [...path, name]));
  const fill = fillAt(jsonPlace(path));
  return fill?.type === 'captured' && fill.isText !== (typeof value === 'string');
}

function bodyOf({ exchange: { body } }: Recorded, fillAt: FillAt): RenderedRequest['body'] {
  if (body?.text == null) return null;
  if (isFormType(body.type)) return { text: pairs(body.text, 'form', fillAt) };
  const json = isJsonType(body.type) ? jsonOf(body.text) : undefined;
  const whole = fillAt('text');
  if (json === undefined)
    return { text: whole === undefined ? new Phrase(body.text) : phraseOf(whole, 'text') };
  const { value } = json;
  return hasBraces(value) || hasExact(value) || changesType(value, fillAt)
    ? { text: writtenJson(value, fillAt) }
    : { json: filledJson(value, fillAt) };
}

function headersOf({ headers, slots }: Recorded, fillAt: FillAt): RenderedRequest['headers'] {
  return headers.flatMap(([name, value], index): (readonly [string, Phrase])[] => {
    const at = `header:${index}`;
    const fill = fillAt(at);
    // The version in the recording is out of date.
    if (fill?.type !== 'captured' && /^if-match$/i.test(name)) return [];
    if (fill === undefined) return [[name, new Phrase(value)]];
    const scheme = slots.find((slot) => slot.at === at)?.scheme ?? '';
    const isWhole = fill.type === 'captured' && fill.isWhole;
    return [[name, Phrase.join([new Phrase(isWhole ? '' : scheme), phraseOf(fill, 'text')])]];
  });
}

/** @param fills by slot */
export function renderRequest(recorded: Recorded, fills: ReadonlyMap<Slot, Fill>): RenderedRequest {
  const byPlace = new Map<string, Fill>();
  for (const slot of recorded.slots) {
    const fill = fills.get(slot);
    if (fill !== undefined) byPlace.set(slot.at, fill);
  }
  const fillAt: FillAt = (at) => byPlace.get(at);
  const body = bodyOf(recorded, fillAt);
  const headers = headersOf(recorded, fillAt);
  const type = recorded.exchange.body?.type ?? '';
  const isNamed = headers.some(([name]) => /^content-type$/i.test(name));
  const unnamed: Field = ['Content-Type', bareType(type)];
  return {
    ...{ path: pathOf(recorded, fillAt), body },
    // A value in JSON names its type itself.
    headers:
      body !== null && 'text' in body && isJsonType(type) && !isNamed
        ? [...headers, [unnamed[0], new Phrase(unnamed[1])]]
        : headers,
  };
}
