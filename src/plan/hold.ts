/** Turns a suite and a selection of its services into a plan that holds them. Pure: no I/O. */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Plan } from '../core/plan.ts';
import { err, ok, type Result } from '../core/result.ts';
import { closureOf } from '../core/shared.ts';
import { suggest } from '../core/suggest.ts';
import type { Component, Shared, Suite } from '../core/suite.ts';
import { kindOf } from '../kinds/index.ts';
import { planOf } from './plan.ts';
import { withUsed } from './use.ts';

/** The services that a component has of its own. */
const ownOf = (component: Component): readonly Shared[] => kindOf(component.kind).services?.(component) ?? [];

/** All that can be held: services and tasks of the suite, and components that have services of their own. */
export const heldNames = (suite: Suite): string[] => [
  ...suite.shared.map(({ name }) => name),
  ...suite.components.filter((each) => ownOf(each).length > 0).map(({ name }) => name),
];

function unknown(name: string, suite: Suite): Diagnostic {
  const all = heldNames(suite);
  const component = suite.components.find((each) => each.name === name);
  if (component !== undefined && component.uses.length > 0)
    return {
      message: `"${name}" is a component without services of its own`,
      hint: `what it needs is held by: shakedown up ${component.uses.join(' ')}`,
    };
  const near = suggest(name, all);
  const meant = near === undefined ? '' : `did you mean "${near}"? `;
  return {
    message:
      component === undefined
        ? `there is no service "${name}"`
        : `"${name}" is a component without any service`,
    hint: all.length === 0 ? NOTHING_HINT : `${meant}there is ${all.join(', ')}`,
  };
}

const NOTHING_HINT = 'add it to the `services` of the suite: api: service({ run: … })';

/**
 * Decides what will be held.
 *
 * @param names of services and tasks of the suite, and of components whose own services are meant; none means all services of
 *   the suite that are not there already
 * @param uses what is there already, each `NAME=URL`
 * @returns a plan without components; or what is wrong with the selection
 */
export function planHold(
  whole: Suite,
  names: readonly string[],
  uses: readonly string[] = [],
): Result<Plan, Diagnostic[]> {
  const withUses = withUsed(whole, uses);
  if (!withUses.ok) return withUses;
  const suite = withUses.value;
  const there = suite.shared.filter(({ type }) => type === 'external').map(({ name }) => name);
  const services = suite.shared
    .filter(({ type, name }) => type !== 'task' && !there.includes(name))
    .map(({ name }) => name);
  const chosen = names.length === 0 ? services : [...new Set(names)];
  if (chosen.length === 0) return err([nothing(suite)]);
  const known = new Set(suite.shared.map(({ name }) => name));
  const components = suite.components.filter(({ name }) => chosen.includes(name) && !known.has(name));
  const own = components.map((component) => ({ component, services: ownOf(component) }));
  const mistakes = [
    ...there
      .filter((name) => chosen.includes(name))
      .map((name) => ({
        message: `--use ${name} says that it is there already, and so it cannot be started`,
        hint: 'leave out its name, or --use',
      })),
    ...chosen
      .filter(
        (name) =>
          !known.has(name) &&
          !own.some(({ component, services: all }) => component.name === name && all.length > 0),
      )
      .map((name) => unknown(name, suite)),
    ...namedTwice([...known], own),
  ];
  if (mistakes.length > 0) return err(mistakes);
  const all = [...suite.shared, ...own.flatMap((each) => each.services)];
  const holds = [
    ...chosen.filter((name) => known.has(name)),
    ...own.flatMap((each) => each.services.map(({ name }) => name)),
  ];
  const used = closureOf(holds, all);
  return ok({
    ...planOf(suite),
    // Nobody else shares them.
    shared: all.filter(({ name }) => used.includes(name)).map((each) => ({ ...each, fresh: false })),
    holds,
    ...{ components: [], skipped: [], jobs: 1, keepGoing: true, repeat: 1, seed: 1 },
  });
}

function nothing(suite: Suite): Diagnostic {
  const all = heldNames(suite);
  return {
    message: `${suite.name} has no services that its components share`,
    hint:
      all.length === 0 ? NOTHING_HINT : `name a component whose services are meant: shakedown up ${all[0]}`,
  };
}

/** Services of two components may have the same name, and so the same variables for their addresses. */
function namedTwice(
  known: readonly string[],
  own: readonly { readonly component: Component; readonly services: readonly Shared[] }[],
): Diagnostic[] {
  const owners = new Map(known.map((name) => [name, 'the suite']));
  return own.flatMap(({ component, services }) =>
    services.flatMap(({ name }): Diagnostic[] => {
      const other = owners.get(name);
      owners.set(name, component.name);
      if (other === undefined || other === component.name) return [];
      return [
        {
          message: `both ${other} and ${component.name} have a service "${name}"`,
          hint: `hold them one at a time: shakedown up ${component.name}`,
        },
      ];
    }),
  );
}
