/** Builds a service in a container from its options. */
import { isAbsolute, resolve } from 'node:path';
import type { ContainerSpec, ImageSource, Probe, Service, SharedContainer } from '../core/suite.ts';
import { toDuration } from '../kinds/common/duration.ts';
import { withFaults } from '../kinds/common/faults.ts';
import type { Scope } from '../kinds/common/scope.ts';
import { buildService } from '../kinds/common/service.ts';
import type { BuildOptions, ContainerOptions } from './container-options.ts';

export const CONTAINER_DEFAULTS = {
  pullTimeout: '5m',
  init: false,
} as const satisfies Partial<ContainerOptions>;
export const BUILD_DEFAULTS = { context: '.', timeout: '10m' } as const satisfies BuildOptions;

/** @param scope of its options */
export function buildContainer(
  name: string,
  options: ContainerOptions,
  scope: Scope,
): Pick<SharedContainer, 'type' | 'service' | 'container' | 'stopsByImage'> {
  const isOnHost = options.network === 'host';
  checkForm(name, options, scope);
  const image = toImage(name, options, scope);
  const own = ownPort(options);
  const ports = [...(own === undefined ? [] : [own]), ...(options.ports ?? [])];
  const { stop } = options;
  return {
    type: 'container',
    service: serviceOf(name, options, image, scope),
    container: {
      image,
      command: options.command ?? null,
      ports: isOnHost ? [] : ports,
      volumes: (options.volumes ?? []).map((volume, at) => toVolume(volume, scope.in('volumes', at))),
      network: options.network ?? null,
      platform: options.platform ?? null,
      init: options.init ?? CONTAINER_DEFAULTS.init,
      options: options.options ?? [],
    },
    stopsByImage: stop === undefined || (typeof stop === 'object' && stop.signal === undefined),
  };
}

const ownPort = ({ port }: ContainerOptions): number | undefined =>
  typeof port === 'object' ? port.container : port;

/** The port of this machine: 0 for a free one. */
function hostPort({ port, network }: ContainerOptions): number | undefined {
  if (port === undefined || network === 'host') return typeof port === 'object' ? port.container : port;
  return typeof port === 'object' ? (port.host ?? 0) : 0;
}

/** As others see it. Its command is what a person would type. */
function serviceOf(name: string, options: ContainerOptions, image: ImageSource, scope: Scope): Service {
  const shown = image.type === 'name' ? image.name : image.context;
  const { scheme, ready, readyTimeout, stop, grace, env, needs, expect } = options;
  const port = hostPort(options);
  const service = buildService(
    name,
    {
      run: ['docker', 'run', shown, ...(options.command ?? [])],
      ...(port === undefined ? {} : { port }),
      ...(scheme === undefined ? {} : { scheme }),
      ...(ready === undefined ? {} : { ready }),
      ...(readyTimeout === undefined ? {} : { readyTimeout }),
      ...(stop === undefined ? {} : { stop }),
      ...(grace === undefined ? {} : { grace }),
      ...(env === undefined ? {} : { env }),
      ...(needs === undefined ? {} : { needs }),
      ...(expect === undefined ? {} : { expect }),
    },
    scope,
    'container',
  );
  if (options.network !== 'host') checkProbes(service.ready, scope.in('ready'));
  return withFaults(service, options.via, scope);
}

/** What is asked of a service in a container: its published port is another than the one that it listens on. */
function checkProbes(probe: Probe, scope: Scope): void {
  if (probe.type === 'all' || probe.type === 'any') {
    for (const [index, part] of probe.probes.entries()) checkProbes(part, scope.in(probe.type, index));
  } else if ((probe.type === 'port' || probe.type === 'http') && probe.port !== undefined)
    scope.problem(
      ['port'],
      `port ${probe.port} is not the one at which the container is reached from outside, which is picked anew each time`,
      'leave it out to ask at the port of the service, or ask in the container, as in ready: { exec: … }',
    );
}

/** Options that would take from us what we need to own it. */
const OURS = /^(?:--name|--rm|--detach|-d|--cidfile|--label|-l|--pull|--publish-all|-P)(?:=|$)/;

function checkForm(name: string, options: ContainerOptions, scope: Scope): void {
  const { image, build, port, ports, network, options: further = [] } = options;
  if ((image === undefined) === (build === undefined))
    scope.problem(
      image === undefined ? [] : ['build'],
      image === undefined
        ? `container "${name}" has neither \`image\` nor \`build\``
        : `container "${name}" has both \`image\` and \`build\``,
      image === undefined ? "name its image, as in image: 'postgres:16'" : 'keep one of them',
    );
  if (port === 0 && network !== 'host')
    scope.problem(
      ['port'],
      'in a container there is no need for a free port: give the one that it listens on there',
      'a free port of this machine leads to it; with network: "host", 0 picks a free one',
    );
  if (network === 'none' && (port !== undefined || ports !== undefined))
    scope.problem(
      ['network'],
      'a container without a network has no ports',
      'leave out `network`, or the ports',
    );
  if (network === 'host' && ports !== undefined)
    scope.problem(
      ['ports'],
      'on the network of the host, its ports are those of this machine already',
      'leave out `ports`, or `network`',
    );
  if (network === 'host' && typeof port === 'object' && port.host !== undefined)
    scope.problem(
      ['port', 'host'],
      'on the network of the host, the port in the container is the port of this machine',
      'leave out `host`, or `network`',
    );
  for (const [at, option] of further.entries())
    if (OURS.test(option))
      scope.problem(
        ['options', at],
        `${option} is set by Shakedown, which could not find or remove the container otherwise`,
        'remove it',
      );
  const { stop } = options;
  if (typeof stop === 'object' && stop.to !== undefined)
    scope.problem(
      ['stop', 'to'],
      'a signal always goes to the first process of a container',
      'leave out `to`; with init: true it is handed on',
    );
}

function toImage(name: string, { image, build, pullTimeout }: ContainerOptions, scope: Scope): ImageSource {
  if (build === undefined || image !== undefined)
    return {
      type: 'name',
      name: image ?? name,
      timeout: toDuration(pullTimeout ?? CONTAINER_DEFAULTS.pullTimeout),
    };
  const given: BuildOptions = typeof build === 'string' ? { context: build } : build;
  const { context, file, target, args = {}, timeout } = given;
  const folder = resolve(scope.cwd, context ?? BUILD_DEFAULTS.context);
  const path = typeof build === 'string' ? ['build'] : ['build', 'context'];
  scope.mustExist(folder, path, `the folder ${context ?? BUILD_DEFAULTS.context}`);
  const dockerfile = resolve(folder, file ?? 'Dockerfile');
  if (!scope.isMissing(folder) && (file !== undefined || scope.isMissing(resolve(folder, 'Containerfile'))))
    scope.mustExist(
      dockerfile,
      file === undefined ? path : ['build', 'file'],
      `the file ${file ?? `Dockerfile in ${context ?? BUILD_DEFAULTS.context}`}`,
    );
  return {
    type: 'build',
    context: folder,
    file: file === undefined ? null : dockerfile,
    target: target ?? null,
    args,
    timeout: toDuration(timeout ?? BUILD_DEFAULTS.timeout),
  };
}

/** A path of this machine is made absolute: an engine takes any other for the name of a volume. */
function toVolume(volume: string, scope: Scope): ContainerSpec['volumes'][number] {
  const at = volume.indexOf(':');
  const source = volume.slice(0, Math.max(at, 0));
  if (!/^\.{1,2}(?:\/|$)/.test(source) && !isAbsolute(source)) return volume;
  const path = resolve(scope.cwd, source);
  // An engine would make a folder, as root.
  scope.mustExist(path, [], `the file or folder ${source}`);
  return `${path}${volume.slice(at)}`;
}
