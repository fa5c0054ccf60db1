/** Why a running service was not ready in time: what was missing, and what the machine shows that explains it. */
import type { Clock } from '../../core/clock.ts';
import type { Finding } from '../../core/finding.ts';
import { firstError } from '../../core/first-error.ts';
import { lastWords } from '../../core/last-words.ts';
import type { Environment, Probe, Service } from '../../core/suite.ts';
import { formatDuration } from '../../core/units.ts';
import type { OutputScanner } from '../output/scanner.ts';
import type { CommandOwner } from '../ownership/command-owner.ts';
import type { NotReady } from '../probes/answer.ts';
import { hostOf, singleProbes } from '../probes/probe.ts';
import { sight } from '../system/proc.ts';
import { describeHolder, hasSocketTable, listeningPorts, loopbackOf, reaches } from '../system/sockets.ts';
import type { Container } from './container.ts';
import { foreignSocket } from './identify-socket.ts';
import { awaitedWatches } from './named-port.ts';
import type { StartParts } from './start-parts.ts';
import { DISCARDED, howToHear } from './unheard.ts';
import { whereSeen } from './unlooked.ts';

const HANDSHAKE_WITHIN = 1000;
/** A service that listens nowhere is reported after this many milliseconds, and this fraction of its time limit. */
const LONG_WAIT = 5000;
const LONG_PART = 1 / 3;
const SEARCHED_LINES = 200;

/** What is known about a service that is late. */
export interface LateParts extends Pick<StartParts, 'spec' | 'port' | 'scanner' | 'exchanges'> {
  /** Its environment. */
  readonly env: Environment;
  readonly clock: Clock;
  readonly owner: Pick<CommandOwner, 'members'>;
  /** The container that it runs in, if it does. */
  readonly container?: Pick<Container, 'hint' | 'isOnHost'> | undefined;
  readonly last: NotReady;
  /** The statuses of all answers so far. */
  readonly statuses?: ReadonlySet<number>;
}

/** Says what a service that was not ready in time was missing. To be called while it still runs. */
export async function explainLate(parts: LateParts): Promise<Finding> {
  const { spec, scanner, last, exchanges } = parts;
  if (last.trouble !== undefined) {
    const { cause, remedy } = last.trouble;
    const message = `whether ${spec.name} is ready could not be checked within ${formatDuration(spec.readyTimeout)}: ${cause}`;
    return { code: 'machine-trouble', step: spec.name, message, hint: remedy };
  }
  const hint = await hintOf(parts);
  const spoken = exchanges.withoutOurs(scanner.tail(SEARCHED_LINES));
  const error = firstError(spoken.filter((line) => !scanner.allows(line)));
  return {
    code: 'not-ready',
    step: spec.name,
    message: `${spec.name} was not ready within ${formatDuration(spec.readyTimeout)}: ${last.why}${await whereInstead(parts)}${error === undefined ? '' : `; it printed: ${error}`}`,
    evidence: [...lastWords(spoken, error), ...wordsOf(last)],
    waitedMs: spec.readyTimeout,
    ...(hint === undefined ? {} : { hint }),
  };
}

const wordsOf = ({ words }: NotReady): string[] =>
  words === undefined ? [] : ['what the command of `ready` printed last:', ...words];

/** What the machine shows that explains it, if anything. To be called while it still runs. */
export function hintOf(parts: LateParts): Promise<string | undefined> {
  return whereSeen<string | undefined>(
    async () =>
      elsewhere(parts, true) ??
      refusedHost(parts) ??
      distrusted(parts) ??
      neverFound(parts) ??
      takenSocket(parts) ??
      (await spokenInTls(parts)) ??
      heldBack(parts) ??
      unused(parts) ??
      (parts.container === undefined ? withUnheard(nowhere(parts), parts) : await parts.container.hint()),
    () => undefined,
  );
}

/**
 * The same before its time is up, and without disturbing it.
 *
 * @param waitedMs how long we have waited for it
 */
export function earlyHintOf(parts: LateParts, waitedMs: number): Promise<string | undefined> {
  const isLong = waitedMs >= Math.max(LONG_WAIT, parts.spec.readyTimeout * LONG_PART);
  return whereSeen<string | undefined>(
    () =>
      elsewhere(parts, false) ??
      refusedHost(parts) ??
      distrusted(parts) ??
      neverFound(parts) ??
      takenSocket(parts) ??
      (parts.last.isUnused === true ? `${parts.last.why}, although its \`ready\` holds` : undefined) ??
      (isLong && parts.container === undefined ? nowhere(parts) : undefined),
    () => undefined,
  );
}

/** A server that answers 404 to every look will usually do so forever. */
function neverFound({ spec, statuses }: LateParts): string | undefined {
  const [asked] = httpProbes(spec.ready);
  if (asked === undefined || statuses?.size !== 1 || !statuses.has(404)) return undefined;
  return `every GET ${asked.path} was answered 404: name a path that it has, as in ready: { http: '/…' }, or accept any answer, with ready: { http: '${asked.path}', status: [100, 599] }`;
}

/** Somebody else has been listening on its socket since before it was started. */
function takenSocket({ spec, owner, container }: LateParts): string | undefined {
  const foreign = container === undefined ? foreignSocket({ spec, owner }) : undefined;
  if (foreign === undefined) return undefined;
  const { path, holder } = foreign;
  return `the socket ${path} is used by ${describeHolder(holder, formatDuration)}: stop that program, or use another path`;
}

/** All that was asked of it is so, except that it was given a port. */
const unused = ({ last, spec }: LateParts): string | undefined =>
  last.isUnused === true
    ? `its \`ready\` holds; leave out \`port\` if ${spec.name} listens on none`
    : undefined;

/** A service that has not opened any port is usually still starting. */
function nowhere({ spec, owner, port }: LateParts): string | undefined {
  if (port === null || !hasSocketTable() || !looksAtPort(spec.ready)) return undefined;
  if (listeningPorts(owner.members()).length > 0) return undefined;
  return `it runs, and listens nowhere yet; raise readyTimeout (${formatDuration(spec.readyTimeout)}) if it needs longer to start`;
}

/** A daemon that has printed nothing may say what it is missing where nobody sees it. */
function withUnheard(hint: string | undefined, { spec, scanner }: LateParts): string | undefined {
  if (!spec.daemon || scanner.lines > 0) return hint;
  return [...(hint === undefined ? [] : [hint]), `${DISCARDED}; ${howToHear(spec)}`].join('; ');
}

const looksAtPort = (probe: Probe): boolean =>
  singleProbes(probe).some(({ type }) => type === 'http' || type === 'port' || type === 'grpc');

/** Where it listens, if elsewhere: added to the reason, so that the first line of the message says it. */
export const whereInstead = ({ spec, port, owner, last }: LateParts): Promise<string> =>
  whereSeen(
    () => {
      if (port === null || last.isHeard === true) return '';
      if (last.isUnused !== true && !looksAtPort(spec.ready)) return '';
      const listening = listeningPorts(owner.members());
      const ports = [...new Set(listening.map((found) => found.port))];
      if (ports.length > 0 && !ports.includes(port)) return `; it listens on port ${ports.join(', ')}`;
      const here = listening.filter((found) => found.port === port);
      const host = hostOf(spec);
      if (here.length === 0 || here.some((found) => isReached(found, host))) return '';
      return `; it listens on ${[...new Set(here.map(({ address }) => address))].join(', ')}, not on ${host ?? 'localhost'}`;
    },
    () => '',
  );

/** @param isTold whether the message already says that it listens on another port */
function elsewhere({ spec, owner, port, env }: LateParts, isTold: boolean): string | undefined {
  if (port === null) return undefined;
  const listening = listeningPorts(owner.members());
  const here = listening.filter((found) => found.port === port);
  const host = hostOf(spec);
  if (here.some((found) => isReached(found, host))) return undefined;
  const [other] = here;
  if (other !== undefined)
    return loopbackOf(other) === undefined
      ? `it listens on ${other.address}, which ${host ?? 'localhost'} does not reach: write ready: ${readyAt(spec.ready, other.address)}, or have it listen on 127.0.0.1, or on 0.0.0.0 for all addresses`
      : `it listens on ${other.address}, which ${host} does not reach: leave out \`host\` in \`ready\``;
  const ports = [...new Set(listening.map((found) => found.port))];
  if (ports.length === 0) return undefined;
  const names = Object.keys(env).filter((name) => env[name] === String(port));
  const asNames = names.length === 0 ? '' : ` (${names.map((name) => `${name}=${port}`).join(', ')})`;
  const given = `the command was given port ${port}${asNames}`;
  return isTold
    ? `${given}, and does not use it`
    : `it listens on port ${ports.join(', ')} instead; ${given}`;
}

const isReached = (found: { readonly address: string }, host: string | undefined): boolean =>
  host === undefined ? loopbackOf(found) !== undefined : reaches(found, host);

/** What to write for the first condition that looks at a port, were it to look at an address. */
function readyAt(ready: Probe, address: string): string {
  const [asked] = httpProbes(ready);
  if (asked === undefined) return `{ port: true, host: '${address}' }`;
  return `{ ${asked.tls === undefined ? 'http' : 'https'}: '${asked.path}', host: '${address}' }`;
}

const httpProbes = (probe: Probe) =>
  singleProbes(probe).flatMap((single) => (single.type === 'http' ? [single] : []));

/** Frameworks refuse host names that they do not know: Django with 400, Rails and Vite with 403, some with 421. */
function refusedHost({ spec, last, exchanges, port }: LateParts): string | undefined {
  const { status } = last;
  if (status === undefined || ![400, 403, 421].includes(status)) return undefined;
  if (!/\bhosts?\b|HTTP_HOST/i.test(exchanges.lastBody.replace(/localhost/gi, ''))) return undefined;
  const [probe] = httpProbes(spec.ready);
  if (probe === undefined || probe.headers?.host !== undefined) return undefined;
  const asked = probe.port ?? port;
  return `its answer is about the host name in the request (Host: localhost:${asked}): have it accept localhost, or name a host that it accepts, with ready: { http: '${probe.path}', headers: { host: '…' } }`;
}

async function spokenInTls({ spec, last, port, clock }: LateParts): Promise<string | undefined> {
  const asked = httpProbes(spec.ready)[0];
  const at = asked?.port ?? port;
  if (asked === undefined || at === null || last.status !== undefined) return undefined;
  if (asked.tls !== undefined) return undefined;
  const shaken = await shakeHands(at, asked.host, clock);
  if (shaken === undefined) return undefined;
  const insecure = shaken === 'trusted' ? '' : ', insecure: true';
  return `port ${at} speaks TLS, and { http: … } asks in plain HTTP: write ready: { https: '${asked.path}'${insecure} }`;
}

/** @returns whether the certificate would be accepted, if a TLS handshake succeeds; undefined if none does */
async function shakeHands(
  port: number,
  host: string | undefined,
  clock: Clock,
): Promise<'trusted' | 'distrusted' | undefined> {
  const { connect } = await import('node:tls');
  const tries = (host === undefined ? ['127.0.0.1', '::1'] : [host]).map(
    (address) =>
      new Promise<'trusted' | 'distrusted' | undefined>((resolve) => {
        const socket = connect({ host: address, port, servername: 'localhost', rejectUnauthorized: false });
        const disarm = clock.after(HANDSHAKE_WITHIN, () => finish(undefined), false);
        const finish = (how: 'trusted' | 'distrusted' | undefined): void => {
          disarm();
          socket.destroy();
          resolve(how);
        };
        socket.once('secureConnect', () => finish(socket.authorized ? 'trusted' : 'distrusted'));
        socket.once('error', () => finish(undefined));
        socket.once('close', () => finish(undefined));
      }),
  );
  const shaken = await Promise.all(tries);
  return shaken.find((how) => how !== undefined);
}

/** A certificate that is not trusted stays so. */
function distrusted({ spec, last }: LateParts): string | undefined {
  const [asked] = httpProbes(spec.ready);
  if (asked?.tls === undefined || !last.why.includes('certificate that is not trusted')) return undefined;
  return `give the certificate that signed it, as in ready: { https: '${asked.path}', ca: 'cert.pem' }, or do not verify it: ready: { https: '${asked.path}', insecure: true }`;
}

/** Whether it is not ready before it has printed something. */
const isLog = (spec: Service): boolean => awaitedWatches(spec).length > 0;

/** A program that writes to a pipe holds its output back until there is a lot of it, unless told otherwise. */
const BUFFERED = 'a program that prints to a pipe holds its output back until there is a lot of it';

const PYTHON = /^(?:\S*\/)?python[\d.]*(?: |$)/;

function heldBack({ spec, scanner, owner, port, env }: LateParts): string | undefined {
  if (!isLog(spec) || scanner.lines > 0) return undefined;
  const members = owner.members();
  const isPython = members.some((id) => PYTHON.test(sight(id).command));
  if (isPython && env.PYTHONUNBUFFERED === undefined)
    return `it has printed nothing so far, and ${BUFFERED}: for Python set env: { PYTHONUNBUFFERED: '1' }, or run python -u`;
  const isListening = listeningPorts(members).some((found) => port === null || found.port === port);
  return isListening
    ? `it listens, but has printed nothing so far: ${BUFFERED}; have it flush each line, start it with stdbuf -oL, or use ready: { port: true }`
    : undefined;
}

/** The same finding once the service has ended: a line that appeared only then had been held back. */
export function explainHeldBack(finding: Finding, spec: Service, scanner: OutputScanner): Finding {
  if (finding.code !== 'not-ready' || !isLog(spec)) return finding;
  const cameLate = awaitedWatches(spec).some(({ name }) => scanner.saw(name));
  if (!cameLate || !/its output does not contain/.test(finding.message)) return finding;
  return {
    ...finding,
    hint: `it printed the line only when it was stopped: ${BUFFERED}; have it flush each line (python -u, stdbuf -oL), or use ready: { port: true }`,
  };
}
