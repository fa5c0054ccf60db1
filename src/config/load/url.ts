/** The URL of a load, as the command line and `runLoad` take it. */
import { err, ok, type Result } from '../../domain/result.ts';
import { suggest } from '../../domain/suggest.ts';

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

/** The braces of templates, which a URL encodes, stay. */
const pathOf = (url: URL): string =>
  `${url.pathname}${url.search}`.replace(
    /%7B%7B(?:%20)*([A-Za-z_][\w.-]*)(?:%20)*%7D%7D|\{\{%20([\w.-]+)%20\}\}/gi,
    (_, inPath: string | undefined, inQuery: string | undefined) => `{{${inPath ?? inQuery}}}`,
  );

function userOf({ username, password }: URL): string | undefined {
  return username === '' ? undefined : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
}

/** @returns the parts of the URL, or what is wrong with it and what is accepted */
export function parseLoadUrl(text: string): Result<LoadUrl, { message: string; hint: string }> {
  if (!HAS_SCHEME.test(text))
    return refuse(
      `"${text}" is no URL: it has no scheme`,
      `write http://${text.replace(/^\/+/, '') || 'localhost:8001'}, or https://…`,
    );
  if (!URL.canParse(text)) return refuse(`"${text}" is no URL`, 'write it as http://localhost:8001/path');
  const url = new URL(text);
  if (SCHEMES.includes(url.protocol)) {
    const scheme = url.protocol === 'https:' ? 'https' : 'http';
    return ok({ scheme, origin: url.origin, path: pathOf(url), user: userOf(url) });
  }
  const near = suggest(url.protocol, SCHEMES);
  return refuse(
    `"${text}" has the scheme ${url.protocol.slice(0, -1)}, which is not supported`,
    near === undefined ? 'http and https are' : `did you mean ${near}//${url.host}${url.pathname}?`,
  );
}
