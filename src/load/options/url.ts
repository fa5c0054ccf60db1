/** The URL of a load, as the command line and `runLoad` take it. */
import { err, ok, type Result } from '../../core/result.ts';
import { suggest } from '../../core/suggest.ts';

export interface LoadUrl {
  readonly scheme: 'http' | 'https';
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query as they are sent. */
  readonly path: string;
  /** `name:password`, when the URL has them. */
  readonly user: string | undefined;
}

const SCHEMES = ['http:', 'https:'];
const HAS_SCHEME = /^[a-z][a-z\d+.-]*:\/\//i;

const refuse = (message: string, hint: string): Result<never, { message: string; hint: string }> =>
  err({ message, hint });

/** Places for values; a URL would encode them, or take a part of a name for the end of the path. */
const PLACE = /\{\{[^{}]*\}\}/g;

interface Places {
  /** The text with a word for each place that a URL leaves as it is. */
  readonly text: string;
  /** The beginning of all those words. */
  readonly mark: string;
  /** Puts the places back. */
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

/** `name:password`; undefined: there is none; an error: it is not encoded as it must be. */
function userOf({ username, password }: URL, back: Places['back']): Result<string | undefined, undefined> {
  if (username === '' && password === '') return ok(undefined);
  const [name, secret] = [decoded(username), decoded(password)];
  return name === undefined || secret === undefined ? err(undefined) : ok(back(`${name}:${secret}`));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** @returns the parts of the URL, or what is wrong with it and what is accepted */
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
      'one run has one target; values go into paths',
    );
  if (SCHEMES.includes(url.protocol)) {
    const user = userOf(url, places.back);
    if (!user.ok)
      return refuse('the name or the password in the URL is not encoded as in a URL', 'write % as %25');
    const scheme = url.protocol === 'https:' ? 'https' : 'http';
    const path = places.back(`${url.pathname}${url.search}`);
    return ok({ scheme, origin: url.origin, path, user: user.value });
  }
  const near = suggest(url.protocol, SCHEMES);
  return refuse(
    `"${text}" has the scheme ${url.protocol.slice(0, -1)}, which is not supported`,
    near === undefined ? 'http and https are' : `did you mean ${near}//${url.host}${url.pathname}?`,
  );
}
