import type { Diagnostic } from '../../core/diagnostic.ts';
import { describeFault, type HttpFault } from '../../core/http-fault.ts';
import { showAgents } from '../../core/load-agent.ts';
import { showPattern } from '../../core/pattern.ts';
import { type Probe, type Service, type SharedExternal, showCommand } from '../../core/suite.ts';
import { formatDuration } from '../../core/units.ts';
import { LOAD_FINDINGS } from '../../load/findings.ts';
import { describeLoad } from '../../load/report/brief.ts';
import { defineKind } from '../kind.ts';
import type { Client, Drain, HttpComponent } from './component.ts';
import { DRAIN_FINDINGS } from './findings.ts';
import type { HttpOptions } from './options.ts';
import { ownServices } from './own-services.ts';

function untilReady(probe: Probe): string {
  switch (probe.type) {
    case 'port':
      return probe.port === undefined ? 'its port is open' : `port ${probe.port} is open`;
    case 'http':
      return `${probe.method ?? 'GET'} ${probe.path} answers`;
    case 'grpc':
      return `its health check over gRPC succeeds${probe.service === '' ? '' : ` for ${probe.service}`}`;
    case 'unix':
      return `${probe.path} accepts connections`;
    case 'log':
      return `it prints ${showPattern(probe.pattern)}`;
    case 'exec':
      return `${showCommand(probe.command)} succeeds`;
    case 'file':
      return `${probe.path} exists`;
    case 'healthy':
      return 'its health check succeeds';
    case 'all':
      return probe.probes.map(untilReady).join(' and ');
    case 'any':
      return probe.probes.map(untilReady).join(' or ');
  }
}

function where(port: Service['port']): string {
  if (port === null) return '';
  if (typeof port === 'object') return ` on the port in ${showPattern(port.log)}`;
  return port === 0 ? ' on a free port' : ` on port ${port}`;
}

function start({ name, command, port, ready, needs }: Service): string {
  const after = needs.length === 0 ? '' : ` after ${needs.join(', ')}`;
  return `start ${name}: ${showCommand(command)}${where(port)}${after}, until ${untilReady(ready)}`;
}

function use(client: Client): string {
  if (client.type === 'command') return `run ${showCommand(client.command)}`;
  const { agents, requests } = client.load;
  const by = agents === undefined ? '' : `have ${showAgents(agents)} `;
  return `${by}send ${requests.map(({ name }) => name).join(', ')}: ${describeLoad(client.load)}`;
}

function faultsBetween(user: string, service: string, via: readonly HttpFault[]): string[] {
  return via.length === 0
    ? []
    : [`put a proxy between ${user} and ${service}: ${via.map(describeFault).join(', ')}`];
}

function faults({ services, target, via }: HttpComponent): string[] {
  return [
    ...faultsBetween('the client', target, via),
    ...services.flatMap((service) => faultsBetween('other services', service.name, service.via)),
  ];
}

const tell = (target: string, { signal, after, within, isRestart }: Drain): string =>
  `after ${formatDuration(after)} of load send ${signal} to ${target}, which must ${isRestart ? 'replace the processes that serve' : 'have ended'} within ${formatDuration(within)}`;

/** The client may send only where the user has said, and the answers must come as they are. */
function unfit(component: HttpComponent, { name, address }: SharedExternal): Diagnostic | undefined {
  const { target, via, client } = component;
  if (target !== name) return undefined;
  const of = `--use ${name}: component "${component.name}"`;
  if (via.length > 0)
    return {
      message: `${of} has faults in \`via\`, and these stand only before a service that this run has started`,
      hint: 'run it without --use, or leave this component out',
    };
  if (client.type === 'command') return undefined;
  const { unixSocket, address: fixed } = client.load.route;
  if (unixSocket !== null || fixed !== null)
    return {
      message: `${of} sends its load to ${unixSocket ?? fixed}, whatever the URL says`,
      hint: `remove \`${unixSocket === null ? 'connectTo' : 'unix'}\` of its client, or leave this component out`,
    };
  return address.url === undefined || /^https?:/.test(address.url)
    ? undefined
    : {
        message: `${of} sends HTTP requests, which ${address.url.replace(/:.*/, '')} is not`,
        hint: 'give an http:// or https:// URL',
      };
}

export const http = defineKind<HttpComponent, HttpOptions, typeof LOAD_FINDINGS & typeof DRAIN_FINDINGS>({
  name: 'http',
  words: async () => {
    const { HttpSchema: schema, CHOICES: choices, PLACES: places } = await import('./options.ts');
    return { schema, choices, places, build: (await import('./build.ts')).buildHttp };
  },
  byConvention: async () => (await import('./convention.ts')).httpOf,
  steps: (component) => {
    const { client, services, target, drain } = component;
    const names = services.map(({ name }) => name).reverse();
    const end = names.length === 0 ? [] : [`end ${names.join(', ')}`];
    const told = drain === undefined ? [] : [tell(target, drain)];
    return [...faults(component), ...services.map(start), use(client), ...told, ...end];
  },
  unfit,
  ports: ({ services }) =>
    services.flatMap(({ port }) => (typeof port === 'number' && port > 0 ? [port] : [])),
  folder: ({ client }) => (client.type === 'load' ? client.load.saveFailures : null),
  services: ownServices,
  findings: { ...LOAD_FINDINGS, ...DRAIN_FINDINGS },
  explanations: async () => (await import('./explanations.ts')).HTTP_CHAPTER,
  sabotage: async () => (await import('./sabotage.ts')).sabotage,
  run: async () => (await import('./run.ts')).runHttp,
});
