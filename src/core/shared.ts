/** What the components of a suite share: services that are kept alive for them, and tasks that prepare these. */
import type { Service, Shared } from './suite.ts';

const PREFIX = 'shared:';

/** What the events of a service or task of the suite have for their component. */
export const sharedComponent = (name: string): string => `${PREFIX}${name}`;

/** The name of the service or task of the suite that events are of; undefined for those of a component or a step. */
export const sharedName = (component: string): string | undefined =>
  component.startsWith(PREFIX) ? component.slice(PREFIX.length) : undefined;

/** The names of what these need, directly or not, and their own; each after those that it needs. */
export function closureOf(
  names: readonly string[],
  all: readonly Pick<Shared, 'name' | 'needs'>[],
): string[] {
  const needs = new Map(all.map((each) => [each.name, each.needs]));
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    for (const needed of needs.get(name) ?? []) visit(needed);
    found.add(name);
  };
  for (const name of names) visit(name);
  return [...found];
}

/** The service that it starts and keeps alive; undefined for what leaves nothing running, or is there already. */
export const serviceOf = (shared: Shared): Service | undefined =>
  'service' in shared ? shared.service : undefined;

/** The port that it listens on, if it is always the same. */
export function fixedPort(shared: Shared): number | undefined {
  const port = serviceOf(shared)?.port;
  return typeof port === 'number' && port !== 0 ? port : undefined;
}
