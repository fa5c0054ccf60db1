import { urlVariable } from '../../core/address.ts';
import type { HttpFault } from '../../core/http-fault.ts';
import { serviceOf } from '../../core/shared.ts';
import { suggest } from '../../core/suggest.ts';
import { type ComponentBase, EXPECT_SUCCESS, type Service } from '../../core/suite.ts';
import { buildLoad, nameInConfig } from '../../load/options/index.ts';
import { toCommand } from '../common/build.ts';
import { toFaults, withFaults } from '../common/faults.ts';
import { sortByNeeds } from '../common/needs.ts';
import type { Path } from '../common/problem.ts';
import type { Scope } from '../common/scope.ts';
import { buildService } from '../common/service.ts';
import { buildDrain } from './build-drain.ts';
import type { Client, Drain, HttpComponent } from './component.ts';
import type { HttpOptions, OwnServiceOptions } from './options.ts';

/** A service as written in the config. */
interface Entry {
  readonly options: OwnServiceOptions;
  /** From the component. */
  readonly path: Path;
}

export function buildHttp(
  options: HttpOptions,
  base: ComponentBase,
  scope: Scope,
): HttpComponent | undefined {
  if (options.use !== undefined) return buildUse(options.use, options, base, scope);
  const services = buildServices(options, scope);
  const [first] = services;
  if (first === undefined) return undefined;
  const target = services.find((service) => service.name === targetNames(options)[0]) ?? first;
  const needed = services.flatMap(({ needs }) => needs.filter((name) => scope.shared.has(name)));
  return {
    ...base,
    uses: [...new Set([...base.uses, ...needed])],
    kind: 'http',
    services,
    target: target.name,
    client: buildClient(options, target, scope),
    via: viaOf(options, target, services, scope),
    ...withDrain(buildDrain(options, target, scope)),
  };
}

/** A component whose client tries a service of the suite. */
function buildUse(
  use: string,
  options: HttpOptions,
  base: ComponentBase,
  scope: Scope,
): HttpComponent | undefined {
  for (const option of ['server', 'services'] as const)
    if (options[option] !== undefined)
      scope.problem(
        [option],
        `the client tries either a service of the suite, which \`use\` names, or one of its own`,
        `remove \`use\`, or \`${option}\``,
      );
  const shared = scope.shared.get(use);
  if (shared?.type === 'compose') {
    const [part = 'NAME'] = shared.compose.services;
    scope.problem(
      ['use'],
      `"${use}" is a project of Compose, whose services have an address each`,
      `let a command that needs "${use}" send to one of them, at $${urlVariable(`${use}_${part}`)}`,
    );
    return undefined;
  }
  const service = shared === undefined ? undefined : serviceOf(shared);
  if (service === undefined) {
    if (scope.isMistaken(use)) return undefined;
    const names = [...scope.shared.values()].flatMap((each) =>
      serviceOf(each) === undefined ? [] : [each.name],
    );
    const near = suggest(use, names);
    scope.problem(
      ['use'],
      shared === undefined
        ? `there is no service "${use}" in the suite`
        : `"${use}" is a task: when it is done, nothing of it is left to send to`,
      near !== undefined
        ? `did you mean "${near}"?`
        : names.length > 0
          ? `there is ${names.join(', ')}`
          : `add it to the \`services\` of the suite: ${use}: service({ … })`,
    );
    return undefined;
  }
  return {
    ...base,
    uses: [...new Set([...base.uses, use])],
    kind: 'http',
    services: [],
    target: use,
    client: buildClient(options, service, scope),
    via: viaOf(options, service, [], scope),
    ...withDrain(buildDrain(options, undefined, scope)),
  };
}

const withDrain = (drain: Drain | undefined): Pick<HttpComponent, 'drain'> =>
  drain === undefined ? {} : { drain };

/** The faults between the client and its service. Those before another service require that some service needs it. */
function viaOf(
  { via, client }: HttpOptions,
  target: Service,
  services: readonly Service[],
  scope: Scope,
): readonly HttpFault[] {
  if (via !== undefined && target.port === null)
    scope.problem(
      ['via'],
      `a fault stands before a port, and service "${target.name}" has none`,
      `give "${target.name}" a \`port\``,
    );
  const isUnix = typeof client === 'object' && 'kind' in client && client.unix !== undefined;
  if (via !== undefined && isUnix)
    scope.problem(['via'], 'the client uses a unix socket, and a fault stands before a port');
  for (const { name, via: own } of services) {
    if (own.length === 0 || services.some(({ needs }) => needs.includes(name))) continue;
    const path = name === 'server' ? ['server', 'via'] : ['services', name, 'via'];
    scope.problem(
      path,
      `no service needs "${name}", so nobody would meet its faults`,
      'the `via` of a service is for the services that need it; for the client write it beside `client`',
    );
  }
  return toFaults(via);
}

/** The service that the client tries: `server`, or else the only one that no other needs. */
function targetNames({ server, services = {} }: HttpOptions): string[] {
  if (server !== undefined) return ['server'];
  const needed = new Set(Object.values(services).flatMap(({ needs = [] }) => needs));
  return Object.keys(services).filter((name) => !needed.has(name));
}

function entriesOf(options: HttpOptions, scope: Scope): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const [name, service] of Object.entries(options.services ?? {}))
    entries.set(name, { options: service, path: ['services', name] });
  if (options.server !== undefined) {
    if (entries.has('server'))
      scope.problem(
        ['services', 'server'],
        'there are two services named "server": this one and the option `server`',
      );
    entries.set('server', { options: options.server, path: ['server'] });
  }
  if (entries.size === 0)
    scope.problem(
      [],
      'an http component needs a `server`, `services`, or a service of the suite to `use`',
      'server: { run: "node server.js", port: 8001 }',
    );
  return entries;
}

function checkPorts(entries: ReadonlyMap<string, Entry>, scope: Scope): void {
  const ports = new Map<number, string>();
  for (const [name, entry] of entries) {
    const { port } = entry.options;
    if (typeof port !== 'number' || port === 0) continue;
    const other = ports.get(port);
    if (other === undefined) ports.set(port, name);
    else
      scope.problem(
        [...entry.path, 'port'],
        `the services "${other}" and "${name}" have the same port ${port}`,
        'give each its own, or use 0 for a free one',
      );
  }
}

function buildOwn(name: string, options: OwnServiceOptions, scope: Scope): Service {
  return withFaults(buildService(name, options, scope), options.via, scope);
}

/** The services, each after those that it needs. */
function buildServices(options: HttpOptions, scope: Scope): Service[] {
  const before = scope.problems.length;
  const entries = entriesOf(options, scope);
  const needs = new Map([...entries].map(([name, entry]) => [name, entry.options.needs ?? []]));
  scope.needs(needs, (name) => [...(entries.get(name)?.path ?? []), 'needs'], 'service', [
    ...scope.shared.keys(),
  ]);
  checkPorts(entries, scope);
  const candidates = targetNames(options);
  // Otherwise another mistake may be the reason.
  if (candidates.length > 1 && scope.problems.length === before)
    scope.problem(
      ['services'],
      `it is unclear which service the client tests: ${candidates.map((name) => `"${name}"`).join(' or ')}`,
      'give that one as `server`, or list the services it needs in its `needs`',
    );
  return sortByNeeds([...entries.keys()], needs).flatMap((name) => {
    const entry = entries.get(name);
    return entry === undefined ? [] : [buildOwn(name, entry.options, scope.in(...entry.path))];
  });
}

const isRunList = (value: unknown): value is readonly [string, ...string[]] => Array.isArray(value);

function buildClient(options: HttpOptions, target: Service, scope: Scope): Client {
  const { client } = options;
  const isCommand = typeof client === 'string' || !('kind' in client);
  if (isCommand && options.thresholds !== undefined)
    scope.problem(
      ['thresholds'],
      '`thresholds` apply to what the built-in client measures, but the client is a command',
      'client: load({ duration: "5s" })',
    );
  if (typeof client === 'string' || isRunList(client))
    return { type: 'command', command: toCommand(client), expect: EXPECT_SUCCESS };
  const at = scope.in('client');
  if (!('kind' in client))
    return {
      type: 'command',
      command: toCommand(client.run),
      expect: at.expectation(client.expect),
      ...(client.results === undefined ? {} : { results: client.results }),
    };
  if (target.port === null && client.unix === undefined)
    at.problem(
      [],
      `the built-in client needs a port to send to, but service "${target.name}" has none`,
      `give "${target.name}" a port, or the client the \`unix\` socket that it listens on`,
    );
  const thresholds = { texts: options.thresholds ?? [], tell: scope.tell };
  const origin = { nameOf: nameInConfig, folder: scope.cwd, tell: at.tell };
  return { type: 'load', load: buildLoad(client, thresholds, origin) };
}
