/** The URL of a load, as given to the command line and `runLoad`. */
import { err, ok, type Result } from '../../core/result.ts';
import { suggest } from '../../core/suggest.ts';

export interface LoadUrl {
  readonly scheme: 'http' | 'https';
  /** `ws://` is http with this. */
  readonly isWebSocket: boolean;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query as sent. */
  readonly path: string;
  /** `name:password`, if the URL has them. */
  readonly user: string | undefined;
}

const SCHEMES = ['http:', 'https:', 'ws:', 'wss:'];
const HAS_SCHEME = /^[a-z][a-z\d+.-]*:\/\//i;

const refuse = (message: string, hint: string): Result<never, { message: string; hint: string }> =>
  err({ message, hint });

/** Placeholders for values; a URL would encode them, or end the path within their names. */
const PLACE = /\{\{[^{}]*\}\}/g;

interface Places {
  /** The text with a plain word in place of each placeholder. */
  readonly text: string;
  /** The prefix of those words. */
  readonly mark: string;
  /** Restores the placeholders. */
  readonly back: (part: string) => string;
}

function withoutPlaces(text: string): Places {
  let mark = 'place';
  while (text.toLowerCase().includes(mark)) mark += 'x';
  const places: string[] = [];
  return {
    text: text.replace(PLACE, (place) => `${mark}${places.push(place)}z`),
    mark,
    back: (part) =>
      part.replace(
        new RegExp(`${mark}(\\d+)z`, 'g'),
        (_, number: string) => places[Number(number) - 1] ?? '',
      ),
  };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** `name:password`; undefined if there is none; an error if it is badly encoded. */
function userOf({ username, password }: URL, back: Places['back']): Result<string | undefined, undefined> {
  if (username === '' && password === '') return ok(undefined);
  const [name, secret] = [decoded(username), decoded(password)];
  return name === undefined || secret === undefined ? err(undefined) : ok(back(`${name}:${secret}`));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
const CONTROL = /[\u0000-\u001f\u007f]/;

/** @returns the parts of the URL, or what is wrong with it and how to fix it */
export function parseLoadUrl(text: string): Result<LoadUrl, { message: string; hint: string }> {
  if (!HAS_SCHEME.test(text))
    return refuse(
      `"${text}" is not a URL: it has no scheme`,
      `write http://${text.replace(/^\/+/, '') || 'localhost:8001'}, or https://…`,
    );
  if (CONTROL.test(text))
    return refuse(
      'the URL has a line break or another control character in it',
      'write it as %0A where it is meant',
    );
  const places = withoutPlaces(text);
  if (!URL.canParse(places.text))
    return refuse(`"${text}" is not a URL`, 'write it as http://localhost:8001/path');
  const url = new URL(places.text);
  if (url.host.includes(places.mark))
    return refuse(
      `"${text}" has a place for a value in its host`,
      'a run has a single target; put values into paths',
    );
  if (SCHEMES.includes(url.protocol)) {
    const user = userOf(url, places.back);
    if (!user.ok)
      return refuse('the name or the password in the URL is not encoded as in a URL', 'write % as %25');
    const isWebSocket = url.protocol.startsWith('ws');
    const scheme = url.protocol === 'https:' || url.protocol === 'wss:' ? 'https' : 'http';
    const path = places.back(`${url.pathname}${url.search}`);
    return ok({ scheme, isWebSocket, origin: `${scheme}://${url.host}`, path, user: user.value });
  }
  const near = suggest(url.protocol, SCHEMES);
  return refuse(
    `"${text}" has the scheme ${url.protocol.slice(0, -1)}, which is not supported`,
    near === undefined ? 'http, https, ws and wss are' : `did you mean ${near}//${url.host}${url.pathname}?`,
  );
}
