/** A component that has to itself what it would share with others: the service of the suite that its client tries. */
import { closureOf, fixedPort, serviceOf } from '../../core/shared.ts';
import { type Service, type Shared, SUITE_NETWORK } from '../../core/suite.ts';
import type { HttpComponent } from './component.ts';

/** Whether its client tries a service that other components may use at the same time. */
export const isOfSuite = ({ services, target }: HttpComponent): boolean =>
  services.every(({ name }) => name !== target);

/** The service that its client tries, of its own or of the suite. */
export function targetOf(
  { services, target }: HttpComponent,
  shared: readonly Shared[],
): Service | undefined {
  const spec = shared.find(({ name }) => name === target);
  return services.find(({ name }) => name === target) ?? (spec && serviceOf(spec));
}

/** What a trial runs. */
export interface Trial {
  readonly component: HttpComponent;
  /** The service of the suite that it has to itself. */
  readonly inPlaceOf: string | undefined;
  /** The run starts that for it; otherwise it is one of its own. */
  readonly isLent: boolean;
}

export interface Own extends Trial {
  /** It would have to run in a container, and does not: then it can only not be there. */
  readonly isContained: boolean;
}

/**
 * @param shared what the components of the suite share
 * @returns the component, with the service as one of its own; or why it cannot have one, as a whole sentence
 */
export function withOwnTarget(component: HttpComponent, shared: readonly Shared[]): Own | string {
  const { target, uses, via } = component;
  if (!isOfSuite(component)) return { component, inPlaceOf: undefined, isLent: false, isContained: false };
  const spec = shared.find(({ name }) => name === target);
  const service = spec === undefined ? undefined : serviceOf(spec);
  if (spec === undefined || service === undefined) return `this run has not started ${target}`;
  const others = uses.filter((name) => name !== target);
  const user = others.find((name) => closureOf([name], shared).includes(target));
  if (user !== undefined && fixedPort(spec) !== undefined)
    return `${user} needs ${target} as well, and there can be only one on port ${fixedPort(spec)}`;
  const own: HttpComponent = {
    ...component,
    uses: [...new Set([...others, ...spec.needs])],
    services: [{ ...service, via: [] }],
    // What is before it for everybody is then before it for this client.
    via: [...service.via, ...via],
  };
  return { component: own, inPlaceOf: target, isLent: false, isContained: spec.type !== 'service' };
}

/**
 * Where the service dies: one in a container, which only the run can start, is lent.
 *
 * @param own with the service as one of its own; or why it cannot have one
 * @returns what a trial runs; or why there can be none, as a whole sentence
 */
export function withDyingTarget(
  component: HttpComponent,
  own: Own | string,
  shared: readonly Shared[],
): Trial | string {
  if (typeof own === 'string' || !own.isContained) return own;
  const { target, uses } = component;
  const used = closureOf(uses, shared);
  const named = shared.find(
    (each) =>
      each.type === 'container' &&
      each.container.network === SUITE_NETWORK &&
      used.includes(each.name) &&
      closureOf([each.name], shared).includes(target),
  );
  if (named === undefined) return { component, inPlaceOf: target, isLent: true };
  return `in the network of the suite there can be only one container ${named.name}`;
}
