/** Builds a service from its options. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Pattern, showPattern } from '../../core/pattern.ts';
import {
  asksOwnPort,
  type Probe,
  type ProbeTls,
  type Service,
  STOP_POLITELY,
  type Stop,
} from '../../core/suite.ts';
import type { Ms } from '../../core/units.ts';
import { toCommand, toPattern, toStatus } from './build.ts';
import { toDuration } from './duration.ts';
import type { Scope } from './scope.ts';
import {
  READY_EXEC_DEFAULTS,
  READY_GRPC_DEFAULTS,
  READY_HTTP_DEFAULTS,
  SERVICE_DEFAULTS,
} from './service-defaults.ts';
import type {
  ReadyHttpOptions,
  ReadyHttpsOptions,
  ReadyOptions,
  ReadyTlsOptions,
  ServiceOptions,
  StopOptions,
} from './service-options.ts';

function toStop(stop: StopOptions): Stop {
  if (typeof stop === 'string') return { ...STOP_POLITELY, signal: stop };
  const { signal = STOP_POLITELY.signal, command, to = null } = stop;
  return { signal, command: command === undefined ? null : toCommand(command), to };
}

/** How long it may take to end: said of the service, or beside the way in which it is asked. */
function graceOf({ grace, stop }: ServiceOptions, scope: Scope): Ms {
  const inStop = typeof stop === 'object' ? stop.grace : undefined;
  if (grace !== undefined && inStop !== undefined)
    scope.problem(
      ['stop', 'grace'],
      `the grace is given twice: ${inStop} here, and ${grace} beside \`stop\``,
      'keep one of them',
    );
  return toDuration(inStop ?? grace ?? SERVICE_DEFAULTS.grace);
}

function checkInput({ stdin, daemon }: ServiceOptions, scope: Scope): void {
  if (stdin === 'open' && daemon === true)
    scope.problem(
      ['stdin'],
      'a daemon leaves its input behind when it goes into the background',
      'leave out `stdin`, or run the service in the foreground, without daemon: true',
    );
}

function toProbe(ready: ReadyOptions, scope: Scope): Probe {
  if ('all' in ready)
    return { type: 'all', probes: ready.all.map((part, at) => toProbe(part, scope.in('all', at))) };
  if ('any' in ready)
    return { type: 'any', probes: ready.any.map((part, at) => toProbe(part, scope.in('any', at))) };
  if ('log' in ready) return { type: 'log', pattern: toPattern(ready.log) };
  if ('exec' in ready)
    return {
      type: 'exec',
      command: toCommand(ready.exec),
      timeout: toDuration(ready.timeout ?? READY_EXEC_DEFAULTS.timeout),
      ...intervalOf(ready),
    };
  if ('grpc' in ready)
    return {
      type: 'grpc',
      service: ready.grpc === true ? '' : ready.grpc,
      ...(ready.tls === undefined
        ? {}
        : { tls: toTls(ready.tls === true ? {} : ready.tls, scope.in('tls')) }),
      timeout: toDuration(ready.timeout ?? READY_GRPC_DEFAULTS.timeout),
      ...intervalOf(ready),
    };
  if ('healthy' in ready) return { type: 'healthy' };
  if ('file' in ready) return { type: 'file', path: ready.file };
  if ('http' in ready || 'https' in ready) return toRequest(ready, scope);
  if ('unix' in ready) return { type: 'unix', path: ready.unix, ...intervalOf(ready) };
  const port = typeof ready.port === 'number' ? { port: ready.port } : {};
  return { type: 'port', ...port, ...(ready.host === undefined ? {} : { host: ready.host }) };
}

const intervalOf = ({ interval }: { readonly interval?: string }): { interval?: Ms } =>
  interval === undefined ? {} : { interval: toDuration(interval) };

function toRequest(ready: ReadyHttpOptions | ReadyHttpsOptions, scope: Scope): Probe {
  const { port, host, method, headers } = ready;
  const unix = 'http' in ready ? ready.unix : undefined;
  if (unix !== undefined && (port !== undefined || host !== undefined))
    scope.problem(
      ['unix'],
      `it is asked either at a socket in the file system, or at ${port === undefined ? 'an address' : 'a port'}`,
      'keep one of them',
    );
  return {
    type: 'http',
    path: 'http' in ready ? ready.http : ready.https,
    status: toStatus(ready.status ?? READY_HTTP_DEFAULTS.status),
    timeout: toDuration(ready.timeout ?? READY_HTTP_DEFAULTS.timeout),
    ...intervalOf(ready),
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
    ...(unix === undefined ? {} : { unix }),
    ...(method === undefined ? {} : { method }),
    ...(headers === undefined ? {} : { headers }),
    ...('https' in ready ? { tls: toTls(ready, scope) } : {}),
  };
}

function toTls({ insecure = false, ca }: ReadyTlsOptions, scope: Scope): ProbeTls {
  if (insecure && ca !== undefined)
    scope.problem(['ca'], 'a certificate is either verified or not', 'leave out `insecure`, or `ca`');
  return { verify: !insecure, ca: ca === undefined ? null : pemOf(ca, scope) };
}

const IS_PEM = '-----BEGIN CERTIFICATE-----';

/** @param file its path, or what it would contain */
function pemOf(file: string, scope: Scope): string | null {
  if (file.includes(IS_PEM)) return file;
  let text: string;
  try {
    text = readFileSync(resolve(scope.cwd, file), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    scope.problem(
      ['ca'],
      `the file ${file} cannot be read (${code})`,
      'give a file with certificates in PEM',
    );
    return null;
  }
  if (text.includes(IS_PEM)) return text;
  scope.problem(
    ['ca'],
    `${file} contains no certificate in PEM`,
    'PEM has lines such as -----BEGIN CERTIFICATE-----',
  );
  return null;
}

function toPort(port: ServiceOptions['port'], scope: Scope): Service['port'] {
  if (typeof port !== 'object') return port ?? null;
  const log = toPattern(port.log);
  const before = scope.problems.length;
  scope.patterns(['log'], [log]);
  if (scope.problems.length === before && groupsOf(log) === 0)
    scope.problem(
      ['log'],
      `${showPattern(log)} has no group, so it does not tell which part of the line is the port`,
      log.type === 'text'
        ? 'write a regular expression with the port in parentheses, as in { log: /listening on .*:(\\d+)/ }; in JSON, { "regex": ":(\\\\d+)" }'
        : 'put the port in parentheses, as in /listening on .*:(\\d+)/',
    );
  return { log };
}

/** How many groups a pattern captures; it must be valid. */
const groupsOf = (pattern: Pattern): number =>
  pattern.type === 'text' ? 0 : (new RegExp(`${pattern.source}|`, pattern.flags).exec('')?.length ?? 1) - 1;

function checkProbe(probe: Probe, port: Service['port'], where: 'container' | 'process', scope: Scope): void {
  if (probe.type === 'all' || probe.type === 'any')
    for (const [index, part] of probe.probes.entries())
      checkProbe(part, port, where, scope.in(probe.type, index));
  else if (probe.type === 'log') scope.patterns(['log'], [probe.pattern]);
  else if (probe.type === 'healthy' && where === 'process')
    scope.problem(
      ['healthy'],
      'a health check is a part of an image, and this service runs in no container',
      'run it in one, with container({ … }), or use another condition, such as { exec } with the same command',
    );
  else if (asksOwnPort(probe) && port === null)
    scope.problem(
      [],
      'the service has no port to check',
      'give the service a `port`, or this condition one of its own',
    );
}

/**
 * @param scope of the service's options; its folder is that of the component
 * @param where whether it runs in a container
 */
export function buildService(
  name: string,
  options: ServiceOptions,
  scope: Scope,
  where: 'container' | 'process' = 'process',
): Service {
  const port = toPort(options.port, scope.in('port'));
  if (port === null && options.ready === undefined)
    scope.problem(
      [],
      `service "${name}" has neither a port nor \`ready\`, so there is no way to tell when it is ready`,
      'give it a port, or ready: { log: "listening" }',
    );
  if (options.foreground !== undefined && options.daemon !== true)
    scope.problem(
      ['foreground'],
      '`foreground` is for a service with daemon: true; this one runs in the foreground already',
    );
  checkInput(options, scope);
  const ready = toProbe(options.ready ?? { port: true }, scope.within(options.cwd).in('ready'));
  if (options.ready !== undefined) checkProbe(ready, port, where, scope.in('ready'));
  return {
    name,
    command: toCommand(options.run),
    port,
    ...(options.scheme === undefined ? {} : { scheme: options.scheme }),
    daemon: options.daemon ?? SERVICE_DEFAULTS.daemon,
    foreground: options.foreground === undefined ? null : toCommand(options.foreground),
    ready,
    readyTimeout: toDuration(options.readyTimeout ?? SERVICE_DEFAULTS.readyTimeout),
    stop: toStop(options.stop ?? SERVICE_DEFAULTS.stop),
    grace: graceOf(options, scope),
    stdin: options.stdin ?? 'ended',
    env: options.env ?? {},
    cwd: scope.within(options.cwd).cwd,
    needs: options.needs ?? [],
    expect: scope.expectation(options.expect),
    via: [],
  };
}
