/** Builds the suite that a config describes: fills in defaults, and checks references. */

import { dirname } from 'node:path';
import { fixedPort } from '../core/shared.ts';
import type { Component, Suite } from '../core/suite.ts';
import { binFolders } from '../files/bin-folders.ts';
import { sortByNeeds } from '../kinds/common/needs.ts';
import type { Problem } from '../kinds/common/problem.ts';
import { Scope } from '../kinds/common/scope.ts';
import type { RunOptions } from '../kinds/common/words.ts';
import { kindOf, type Words } from '../kinds/index.ts';
import type { SetupOptions, TeardownOptions } from './options.ts';
import { buildSetup, buildTeardown } from './setup.ts';
import { buildShared } from './shared.ts';
import type { Validated } from './validate.ts';

/**
 * @param validated the config after validation; a component with mistakes of its own is left out
 * @param words how a config words each kind
 * @param file absolute path of the config
 * @param name the file for display
 * @returns the suite, and what is wrong beyond the schema: references, cycles, ports, missing files
 */
export function buildSuite(
  validated: Validated,
  words: ReadonlyMap<string, Words>,
  file: string,
  name: string,
): { suite: Suite; problems: readonly Problem[] } {
  const root = dirname(file);
  const scope = new Scope(root);
  const { suite: options, components } = validated;
  const setup = (Array.isArray(options.setup) ? options.setup : []).map((step, index) =>
    buildSetup(step as RunOptions | SetupOptions, scope.in('setup', index)),
  );
  const teardown = (Array.isArray(options.teardown) ? options.teardown : []).map((step, index) =>
    buildTeardown(step as RunOptions | TeardownOptions, scope.in('teardown', index)),
  );
  const names = [...validated.needs.keys()];
  scope.mistaken(validated.services.filter((service) => !Object.hasOwn(options.services ?? {}, service)));
  const shared = buildShared(options.services, names, scope);
  const built = [...components].flatMap(([component, input]) => {
    const at = scope.in('components', component).within(input.cwd);
    return words.get(input.kind)?.build(input, at.base(component, input), at) ?? [];
  });
  for (const component of built)
    for (const port of kindOf(component.kind).ports?.(component) ?? []) {
      const other = shared.find((each) => fixedPort(each) === port);
      if (other !== undefined)
        scope.problem(
          ['components', component.name],
          `a service of component "${component.name}" has the same port ${port} as the service "${other.name}" of the suite`,
          'give each its own, or use 0 for a free one',
        );
    }
  checkFolders(built, scope);
  scope.needs(
    validated.needs,
    (component) => ['components', component, 'needs'],
    'component',
    shared.map(({ name }) => name),
  );
  const order = sortByNeeds(
    built.map((component) => component.name),
    validated.needs,
  );
  return {
    suite: {
      name,
      root,
      source: { type: 'config', file },
      memory: options.memory ?? 'off',
      env: options.env ?? {},
      path: binFolders(root),
      setup,
      teardown,
      shared,
      components: built.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
      absent: [],
      unusable: [],
    },
    problems: scope.problems,
  };
}

/** What one component saves in a folder, another would replace. */
function checkFolders(components: readonly Component[], scope: Scope): void {
  const owners = new Map<string, string>();
  for (const component of components) {
    const folder = kindOf(component.kind).folder?.(component) ?? null;
    if (folder === null) continue;
    const owner = owners.get(folder);
    if (owner !== undefined)
      scope.problem(
        ['components', component.name],
        `component "${component.name}" saves failures in the same folder as "${owner}", and would replace them`,
        'give each component a folder of its own',
      );
    owners.set(folder, owner ?? component.name);
  }
}
