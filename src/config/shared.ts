/** Builds the services and tasks that the components of a suite share. */
import { fixedPort } from '../core/shared.ts';
import { type Shared, SUITE_NETWORK } from '../core/suite.ts';
import { toCommand } from '../kinds/common/build.ts';
import { toDuration } from '../kinds/common/duration.ts';
import { withFaults } from '../kinds/common/faults.ts';
import { sortByNeeds } from '../kinds/common/needs.ts';
import type { Scope } from '../kinds/common/scope.ts';
import { buildService } from '../kinds/common/service.ts';
import { buildCompose } from './compose.ts';
import { buildContainer } from './container.ts';
import type { ContainerOptions } from './container-options.ts';
import type { AnySharedOptions, SuiteOptions, TaskOptions } from './options.ts';
import { COMPONENT_NAME } from './validate.ts';

export const TASK_DEFAULTS = { timeout: '5m' } as const satisfies Partial<TaskOptions>;

const isTask = (options: AnySharedOptions): options is TaskOptions => options.kind === 'task';
const isContainer = (options: AnySharedOptions): options is ContainerOptions => options.kind === 'container';

/** @param fresh whether every component gets one of its own: its own option, or that of something that it needs */
function buildOne(name: string, options: AnySharedOptions, fresh: boolean, scope: Scope): Shared {
  const base = { name, needs: options.needs ?? [], fresh };
  if (isContainer(options)) return { ...base, ...buildContainer(name, options, scope) };
  if (options.kind === 'compose') return { ...base, ...buildCompose(name, options, scope) };
  if (!isTask(options))
    return {
      ...base,
      type: 'service',
      service: withFaults(buildService(name, options, scope), options.via, scope),
    };
  const { inputs = [], cache = false } = options;
  if (cache && inputs.length === 0)
    scope.problem(
      ['cache'],
      `the task "${name}" has no \`inputs\`, so nothing says when it must run again`,
      "list them, as in inputs: ['migrations/**']",
    );
  const step = {
    name,
    command: toCommand(options.run),
    cwd: scope.within(options.cwd).cwd,
    env: options.env ?? {},
    inputs,
    outputs: [],
    timeout: toDuration(options.timeout ?? TASK_DEFAULTS.timeout),
    undo: null,
  };
  return { ...base, type: 'task', step, expect: scope.expectation(options.expect), isCached: cache };
}

/**
 * Builds them, makes them known to the scope, and reports what is wrong with them.
 *
 * @param components names of the components
 * @returns each after those that it needs
 */
export function buildShared(
  services: SuiteOptions['services'],
  components: readonly string[],
  scope: Scope,
): readonly Shared[] {
  const entries = new Map(Object.entries(services ?? {}));
  const needs = new Map([...entries].map(([name, options]) => [name, options.needs ?? []]));
  checkNames([...entries.keys()], components, scope);
  checkNeeds(needs, components, scope);
  const fresh = new Set<string>();
  const shared = sortByNeeds([...entries.keys()], needs).flatMap((name) => {
    const options = entries.get(name);
    if (options === undefined) return [];
    if (options.fresh === true || options.needs?.some((other) => fresh.has(other))) fresh.add(name);
    return [buildOne(name, options, fresh.has(name), scope.in('services', name))];
  });
  for (const each of shared) scope.share(each);
  checkNetwork(shared, scope);
  checkPorts(shared, scope);
  return shared;
}

function checkNames(names: readonly string[], components: readonly string[], scope: Scope): void {
  for (const name of names) {
    if (!COMPONENT_NAME.test(name))
      scope.tell({
        path: ['services', name],
        message: `"${name}" cannot be the name of a service`,
        hint: 'use letters, digits, "_", "-" and "."; the first must be a letter or digit',
        atKey: true,
      });
    if (components.includes(name))
      scope.tell({
        path: ['services', name],
        message: `a service and a component are both called "${name}", so \`needs\` could mean either`,
        hint: 'rename one of them',
        atKey: true,
      });
  }
}

function checkNeeds(
  needs: ReadonlyMap<string, readonly string[]>,
  components: readonly string[],
  scope: Scope,
): void {
  for (const [name, needed] of needs)
    for (const [index, other] of needed.entries())
      if (components.includes(other) && !needs.has(other))
        scope.problem(
          ['services', name, 'needs', index],
          `service "${name}" needs "${other}", which is a component; services are started before components`,
          `let the component need "${name}" instead, or make "${other}" a task`,
        );
  scope.needs(needs, (name) => ['services', name, 'needs'], 'service', components);
}

/** In the network of the suite there can be only one of a name. */
function checkNetwork(shared: readonly Shared[], scope: Scope): void {
  for (const each of shared)
    if (each.fresh && each.type === 'container' && each.container.network === SUITE_NETWORK)
      scope.problem(
        ['services', each.name, 'network'],
        `each component gets a container "${each.name}" of its own, and in the network of the suite there can be only one of that name`,
        'leave out `fresh`, there and in what it needs; or `network`',
      );
}

function checkPorts(shared: readonly Shared[], scope: Scope): void {
  const ports = new Map<number, string>();
  for (const each of shared) {
    const port = fixedPort(each);
    if (port === undefined) continue;
    const other = ports.get(port);
    if (other === undefined) ports.set(port, each.name);
    else
      scope.problem(
        ['services', each.name, 'port'],
        `the services "${other}" and "${each.name}" have the same port ${port}`,
        'give each its own, or use 0 for a free one',
      );
  }
}
