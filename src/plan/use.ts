/** `--use NAME=URL`: what is already there takes the place of a service of the suite. */
import { type Address, withoutCredentials } from '../core/address.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { err, ok, type Result } from '../core/result.ts';
import { serviceOf } from '../core/shared.ts';
import { suggest } from '../core/suggest.ts';
import type { Probe, Shared, SharedExternal, Suite } from '../core/suite.ts';

const EXAMPLE = '--use api=http://localhost:8080';
const HAS_SCHEME = /^[a-z][a-z\d+.-]*:\/\/./i;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

const isHttp = ({ protocol }: URL): boolean => protocol in DEFAULT_PORTS;

/** `name:password`, or `:` if it has none; undefined if they are badly encoded. */
function userOf({ username, password }: URL): string | undefined {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    return undefined;
  }
}

/** What a URL says of a service: where it is, and how that is written for its users. */
function placeOf(
  name: string,
  text: string,
): Result<{ url: URL; address: SharedExternal['address'] }, Diagnostic> {
  const refuse = (message: string, hint: string): Result<never, Diagnostic> =>
    err({ message: `--use ${name}: ${message}`, hint });
  const shown = withoutCredentials(text);
  const hasScheme = HAS_SCHEME.test(text);
  if (!hasScheme || !URL.canParse(text))
    return refuse(
      // Without a scheme, what stands before an @ may be a password.
      shown.includes('@') ? 'this is not a URL' : `"${shown}" is not a URL`,
      hasScheme
        ? `see that its host and its port (1 to 65535) are right, as in ${EXAMPLE}`
        : `write it with its scheme, as in ${EXAMPLE}`,
    );
  const url = new URL(text);
  if (userOf(url) === undefined)
    return refuse('the name or the password in the URL is not encoded as in a URL', 'write % as %25');
  const port = url.port === '' ? DEFAULT_PORTS[url.protocol] : Number(url.port);
  if (url.hostname === '') return refuse(`"${shown}" names no host`, `write it as in ${EXAMPLE}`);
  if (port === undefined || port === 0)
    return refuse(
      `"${shown}" has no port, and ${url.protocol}// has none by default`,
      `give it, as in ${url.protocol}//${url.hostname}:5432`,
    );
  if (isHttp(url) && url.search + url.hash !== '')
    return refuse(
      `"${shown}" ends in ${url.hash === '' ? 'a query' : 'a fragment'}`,
      'leave it out: paths are added to this URL',
    );
  const address: Address & { readonly port: number } = {
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    // A path is added to it with a slash of its own.
    url: isHttp(url) ? withoutSlashes(url.href) : text,
  };
  return ok({ url, address });
}

/** A readiness condition, as far as it can be asked of an address alone; undefined if it cannot. */
function askedOf(ready: Probe, url: URL): Probe | undefined {
  if (ready.type === 'all' || ready.type === 'any') {
    const probes = ready.probes.flatMap((each) => askedOf(each, url) ?? []);
    return probes.length === 0 ? undefined : { type: ready.type, probes };
  }
  if (ready.type !== 'http' || ready.port !== undefined || ready.unix !== undefined) return undefined;
  const { host: _, tls: own, headers = {}, ...rest } = ready;
  const has = (wanted: string): boolean => Object.keys(headers).some((name) => name.toLowerCase() === wanted);
  const user = userOf(url) ?? ':';
  return {
    ...rest,
    path: `${withoutSlashes(url.pathname)}${ready.path}`,
    headers: {
      ...(has('authorization') || user === ':'
        ? {}
        : { Authorization: `Basic ${Buffer.from(user).toString('base64')}` }),
      ...Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'host')),
      // That of the suite is for the service that it starts.
      Host: url.host,
    },
    ...(url.protocol === 'https:' ? { tls: own ?? { verify: true, ca: null } } : {}),
  };
}

/** A readiness condition for what is already there: over HTTP as the suite says, otherwise whether it can be connected to. */
function readyOf(shared: Shared, url: URL): Probe {
  const asked = 'service' in shared && isHttp(url) ? askedOf(shared.service.ready, url) : undefined;
  return asked ?? { type: 'port' };
}

/** One `--use`. */
function read(text: string, suite: Suite): Result<SharedExternal, Diagnostic> {
  const at = text.indexOf('=');
  if (at < 1)
    return err({
      message: `--use ${text.includes('@') ? '…' : text} names no service and URL`,
      hint: `write it as ${EXAMPLE}`,
    });
  const name = text.slice(0, at);
  const shared = suite.shared.find((each) => each.name === name);
  if (shared === undefined) return err(unknown(name, suite));
  if (shared.type === 'task')
    return err({
      message: `--use ${name}: it is a task, and nothing of it can be reached at a URL`,
      hint: 'name the services that need it: a task that nobody else needs is not run then',
    });
  if ((serviceOf(shared)?.via ?? []).length > 0)
    return err({
      message: `--use ${name}: it has faults in \`via\`, and these stand only before a service that this run has started`,
      hint: 'run it without --use, or without its `via`',
    });
  const place = placeOf(name, text.slice(at + 1));
  if (!place.ok) return place;
  const { url, address } = place.value;
  return ok({
    ...{ type: 'external', name, needs: [], fresh: false },
    ...{ url: address.url ?? url.href, address },
    ready: readyOf(shared, url),
    readyTimeout: 'service' in shared ? shared.service.readyTimeout : shared.readyTimeout,
  });
}

function unknown(name: string, { shared, components }: Suite): Diagnostic {
  const names = shared.flatMap((each) => (each.type === 'task' ? [] : [each.name]));
  if (components.some((component) => component.name === name))
    return {
      message: `--use ${name}: it is a component, and --use takes the place of a service of the suite`,
      hint: `if it starts a service of its own, make that one of the suite: services: { … }, and use: '…' in the component`,
    };
  const near = suggest(name, names);
  const known =
    names.length === 0
      ? 'the suite has no services: { … }'
      : `the services of the suite are ${names.join(', ')}`;
  return {
    message: `--use ${name}: there is no service "${name}"`,
    hint: near === undefined ? known : `did you mean "${near}"? ${known}`,
  };
}

/**
 * Puts what is already there in place of services of a suite: they need nothing, and nothing of them is started.
 *
 * @param texts each `NAME=URL`
 * @returns the suite; or what is wrong with the texts
 */
export function withUsed(suite: Suite, texts: readonly string[]): Result<Suite, Diagnostic[]> {
  const results = texts.map((text) => read(text, suite));
  const used = results.flatMap((result) => (result.ok ? [result.value] : []));
  const mistakes = results.flatMap((result) => (result.ok ? [] : [result.error]));
  const names = used.map(({ name }) => name);
  for (const name of new Set(names.filter((each, index) => names.indexOf(each) !== index)))
    mistakes.push({ message: `--use ${name} is given twice`, hint: 'name one URL for it' });
  if (mistakes.length > 0) return err(mistakes);
  const shared = suite.shared.map((each) => used.find(({ name }) => name === each.name) ?? each);
  return ok({ ...suite, shared });
}

/** Without the slashes at its end. (An expression for these would take quadratic time.) */
function withoutSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}
