/** Reads a recording of a browser's requests: an HTTP Archive (HAR 1.2). Nothing in it is trusted, and much may be missing. */
import { isUtf8 } from 'node:buffer';
import { err, ok, type Result } from '../../core/result.ts';

export type Field = readonly [name: string, value: string];

/** A recorded request with its response. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  /** Those of the request, without the pseudo-headers of HTTP/2. */
  readonly headers: readonly Field[];
  readonly body: RecordedBody | null;
  /** 0 if there was no response. */
  readonly status: number;
  readonly answerHeaders: readonly Field[];
  /** The response's content type in lower case, without parameters; empty if unknown. */
  readonly answerType: string;
  /** The body of the response; null if there is none, or if it is no text. */
  readonly answer: string | null;
  /** What the browser loaded it as, in lower case: `xhr`, `document`, `image`; empty if unknown. */
  readonly loadedAs: string;
  /** The server was not asked. */
  readonly isFromCache: boolean;
  /** In milliseconds; NaN if unknown. */
  readonly startedMs: number;
  readonly tookMs: number;
}

export interface RecordedBody {
  /** With its parameters; empty if unknown. */
  readonly type: string;
  /** Null if the recording has no content, or one that is not text. */
  readonly text: string | null;
}

export interface Archive {
  /** In the order in which they began. */
  readonly exchanges: readonly Exchange[];
  /** Entries without what makes a request. */
  readonly unreadable: number;
  /** The bodies of the responses are in files of their own. */
  readonly isDetached: boolean;
}

const METHOD = /^[A-Z][A-Z-]{0,30}$/;
/** The prefixes that Chrome and others use for their own fields. */
const LOADED_AS = ['_resourceType', 'resourceType'];
const CACHES = ['disk cache', 'memory cache', 'service worker'];

type Data = Readonly<Record<string, unknown>>;

const dataOf = (value: unknown): Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Data) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const fieldsOf = (value: unknown): Field[] =>
  listOf(value).flatMap((each): Field[] => {
    const { name, value: text } = dataOf(each);
    return typeof name === 'string' && name !== '' && !name.startsWith(':') ? [[name, textOf(text)]] : [];
  });

/** The value of a header; undefined if there is none. */
export const headerOf = (fields: readonly Field[], wanted: string): string | undefined =>
  fields.find(([name]) => name.toLowerCase() === wanted)?.[1];

/** `application/json; charset=utf-8` without what follows the semicolon. */
export const bareType = (type: string): string => (type.split(';')[0] ?? '').trim().toLowerCase();

export const isJsonType = (type: string): boolean =>
  /^application\/(?:[\w.+-]+\+)?json$/.test(bareType(type));
export const isFormType = (type: string): boolean => bareType(type) === 'application/x-www-form-urlencoded';
const isTextType = (type: string): boolean =>
  type === '' || isJsonType(type) || /^text\/|xml|javascript/.test(type);

function contentOf(text: unknown, encoding: unknown): string | null {
  if (typeof text !== 'string' || text === '') return null;
  if (encoding !== 'base64') return text;
  const bytes = Buffer.from(text, 'base64');
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}

const encodeForm = (fields: readonly Field[]): string =>
  new URLSearchParams(fields.map(([...pair]) => pair)).toString();

function bodyOf(request: Data, headers: readonly Field[]): RecordedBody | null {
  if (typeof request.postData !== 'object' || request.postData === null) return null;
  const data = dataOf(request.postData);
  const type = textOf(data.mimeType) || headerOf(headers, 'content-type') || '';
  const text = contentOf(data.text, data.encoding);
  if (text !== null) return { type, text };
  const fields = fieldsOf(data.params);
  if (fields.length > 0) return { type, text: isFormType(type) ? encodeForm(fields) : null };
  // Some programs describe the absent body of a GET.
  const isAbsent = data.text === '' || (request.bodySize === 0 && data.text === undefined);
  return isAbsent || type === '' ? null : { type, text: null };
}

const isCached = (entry: Data, response: Data): boolean =>
  [entry, response].some(
    (each) =>
      (each._fromCache !== undefined && each._fromCache !== null && each._fromCache !== false) ||
      CACHES.includes(textOf(each._fetchType).toLowerCase()),
  );

/** @returns undefined if the entry is none */
function exchangeOf(entry: unknown): Exchange | undefined {
  const all = dataOf(entry);
  const request = dataOf(all.request);
  const response = dataOf(all.response);
  const method = textOf(request.method).toUpperCase();
  const address = textOf(request.url);
  if (!METHOD.test(method) || !URL.canParse(address)) return undefined;
  const headers = fieldsOf(request.headers);
  const answerHeaders = fieldsOf(response.headers);
  const content = dataOf(response.content);
  const answerType = bareType(textOf(content.mimeType) || headerOf(answerHeaders, 'content-type') || '');
  const took = all.time;
  return {
    method,
    url: new URL(address),
    headers,
    body: bodyOf(request, headers),
    status: Number.isInteger(response.status) ? Number(response.status) : 0,
    answerHeaders,
    // How Firefox and others describe that there was none.
    answerType: answerType === 'x-unknown' ? '' : answerType,
    answer: isTextType(answerType) ? contentOf(content.text, content.encoding) : null,
    loadedAs: LOADED_AS.map((name) => textOf(all[name]))
      .join('')
      .toLowerCase(),
    isFromCache: isCached(all, response),
    startedMs: Date.parse(textOf(all.startedDateTime)),
    tookMs: typeof took === 'number' && took >= 0 && Number.isFinite(took) ? took : 0,
  };
}

const isDetached = (entry: unknown): boolean =>
  typeof dataOf(dataOf(dataOf(entry).response).content)._file === 'string';

/** @returns the requests, or why the text is no recording */
export function readArchive(text: string): Result<Archive, string> {
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    // The rest of the message quotes the file.
    const [where] = /line \d+ column \d+/.exec((error as Error).message) ?? [];
    return err(`it is not JSON${where === undefined ? '' : `: ${where}`}`);
  }
  const { entries } = dataOf(dataOf(data).log);
  if (!Array.isArray(entries)) return err('it has no list of requests (log.entries)');
  const found = entries.flatMap((each) => exchangeOf(each) ?? []);
  // Otherwise their order in the file is the best there is.
  const isTimed = found.every(({ startedMs }) => Number.isFinite(startedMs));
  return ok({
    exchanges: isTimed ? found.sort((one, other) => one.startedMs - other.startedMs) : found,
    unreadable: entries.length - found.length,
    isDetached: entries.some(isDetached),
  });
}
