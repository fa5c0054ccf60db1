/** The ports that trials must not use at the same time. */
import { closureOf, fixedPort } from '../core/shared.ts';
import type { Component, Shared } from '../core/suite.ts';
import { kindOf } from '../kinds/index.ts';

/**
 * @param apart services of the suite that some trials have to themselves: with a fixed port there can be only one
 * @returns the fixed ports of its own services, and of these as far as it uses them
 */
export function portsOf(
  component: Component,
  apart: ReadonlySet<string>,
  shared: readonly Shared[],
): readonly number[] {
  const used = closureOf(component.uses, shared);
  const meant = shared.filter(({ name }) => apart.has(name) && used.includes(name));
  return [
    ...(kindOf(component.kind).ports?.(component) ?? []),
    ...meant.flatMap((each) => fixedPort(each) ?? []),
  ];
}
