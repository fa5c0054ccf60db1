/** Which requests of a recording are worth repeating, and why the others are not. */
import { templateNames } from '../../core/template.ts';
import { type Exchange, headerOf, isFormType, isJsonType } from './archive.ts';
import { jsonOf } from './slots.ts';

/** Why a request is left out, for display: `2 preflights`. */
export type Reason = readonly [one: string, many: string];

const REASONS = {
  foreign: ['request that is not HTTP', 'requests that are not HTTP'],
  socket: ['WebSocket', 'WebSockets'],
  stream: ['event stream', 'event streams'],
  preflight: ['preflight', 'preflights'],
  unanswered: ['request without a response', 'requests without a response'],
  cached: ['response from the cache', 'responses from the cache'],
  static: ['static file', 'static files'],
  broken: ['response with an error of the server', 'responses with an error of the server'],
  upload: ['upload of a file', 'uploads of files'],
  braces: ['body with {{…}}, which would be filled in', 'bodies with {{…}}, which would be filled in'],
} as const satisfies Record<string, Reason>;

export const UNREADABLE: Reason = ['entry that is no request', 'entries that are no requests'];

export interface Selection {
  /** The server whose requests are kept: scheme, host and port. Null if there are none. */
  readonly origin: string | null;
  readonly kept: readonly Exchange[];
  readonly left: ReadonlyMap<Reason, number>;
  /** How many requests each other server got, the most first. */
  readonly others: readonly (readonly [host: string, count: number])[];
}

const STATIC_KINDS = ['image', 'imageset', 'stylesheet', 'script', 'font', 'media', 'manifest', 'texttrack'];
const STATIC_TYPE = /^(?:image|font|audio|video)\/|^text\/css$|javascript|font|wasm$|manifest\+json$/;
const STATIC_FILE =
  /\.(?:m?js|css|map|png|jpe?g|gif|svg|webp|avif|ico|bmp|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wasm|webmanifest)$/i;

function isStatic({ method, url, answerType, loadedAs }: Exchange): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (STATIC_KINDS.includes(loadedAs) || STATIC_TYPE.test(answerType)) return true;
  // A page or data may have any name.
  return STATIC_FILE.test(url.pathname) && !/json|html/.test(answerType);
}

const isPreflight = ({ method, headers, loadedAs }: Exchange): boolean =>
  loadedAs === 'preflight' ||
  (method === 'OPTIONS' && headerOf(headers, 'access-control-request-method') !== undefined);

/** A file in a form, or content that is no text: the recording does not have it, or not as it was. */
function isUpload({ body }: Exchange): boolean {
  if (body === null) return false;
  if (body.text === null) return true;
  return (
    /^multipart\//i.test(body.type) && (/filename\*?=/i.test(body.text) || !/boundary=/i.test(body.type))
  );
}

/** In JSON and in forms they can be escaped. */
function hasBraces({ body }: Exchange): boolean {
  if (body?.text == null || isFormType(body.type) || templateNames(body.text).length === 0) return false;
  return !isJsonType(body.type) || jsonOf(body.text) === undefined;
}

function reasonFor(exchange: Exchange): Reason | undefined {
  const { url, method, status, loadedAs, answerType, isFromCache } = exchange;
  if (/^wss?:$/.test(url.protocol) || status === 101 || loadedAs === 'websocket') return REASONS.socket;
  if (!/^https?:$/.test(url.protocol) || method === 'CONNECT') return REASONS.foreign;
  if (isPreflight(exchange)) return REASONS.preflight;
  if (status < 100 || status > 599) return REASONS.unanswered;
  if (isStatic(exchange)) return REASONS.static;
  if (isFromCache) return REASONS.cached;
  if (answerType === 'text/event-stream' || loadedAs === 'eventsource') return REASONS.stream;
  if (status >= 500) return REASONS.broken;
  if (isUpload(exchange)) return REASONS.upload;
  return hasBraces(exchange) ? REASONS.braces : undefined;
}

const isPage = ({ loadedAs, answerType }: Exchange): boolean =>
  loadedAs === 'document' || (loadedAs === '' && answerType === 'text/html');

/** `example.org` of `api.example.org`; an address as it is. */
const siteOf = ({ hostname }: URL): string =>
  /^[\d.]+$|^\[/.test(hostname) ? hostname : hostname.split('.').slice(-2).join('.');

/** The server with the most requests; only one of the site that was visited, since others may count its visitors. */
function originOf(kept: readonly Exchange[], all: readonly Exchange[]): string | null {
  const first = all.find((each) => isPage(each) && /^https?:$/.test(each.url.protocol));
  const counts = new Map<string, number>();
  for (const { url } of kept)
    if (first === undefined || siteOf(url) === siteOf(first.url))
      counts.set(url.origin, (counts.get(url.origin) ?? 0) + 1);
  const [most] = [...counts].sort(([, one], [, other]) => other - one);
  return most?.[0] ?? kept[0]?.url.origin ?? null;
}

function countHosts(exchanges: readonly Exchange[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { url } of exchanges) counts.set(url.host, (counts.get(url.host) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}

/** @param exchanges in their order */
export function select(exchanges: readonly Exchange[]): Selection {
  const left = new Map<Reason, number>();
  const candidates = exchanges.filter((exchange) => {
    const reason = reasonFor(exchange);
    if (reason !== undefined) left.set(reason, (left.get(reason) ?? 0) + 1);
    return reason === undefined;
  });
  const origin = originOf(candidates, exchanges);
  return {
    origin,
    kept: candidates.filter(({ url }) => url.origin === origin),
    left,
    others: countHosts(candidates.filter(({ url }) => url.origin !== origin)),
  };
}
