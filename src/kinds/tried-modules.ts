/** What a component tries, as far as that is known before it runs. */
import type { HookedRuntime } from '../core/module-fault.ts';
import type { Component } from '../core/suite.ts';
import { modulesOf, projectOf } from './common/own-modules.ts';

export interface TriedModules {
  /** As an import writes them. */
  readonly names: readonly string[];
  /** Absolute paths of the projects that they are the own modules of. */
  readonly projects: readonly string[];
}

const RUNTIMES: readonly HookedRuntime[] = ['node', 'python'];

/** @param root absolute path of the project, or of a folder in it */
export function triedModules(
  { prove, module }: Component & { readonly module?: unknown },
  root: string,
): TriedModules {
  const named = typeof module === 'string' ? [...prove.modules, module] : prove.modules;
  if (named.length > 0) return { names: named, projects: [] };
  const found = RUNTIMES.map((runtime) => ({
    own: modulesOf(root, runtime),
    project: projectOf(root, runtime),
  }));
  return {
    names: found.flatMap(({ own }) => (own.ok ? own.value.map(({ name }) => name) : [])),
    projects: found.flatMap(({ own, project }) => (own.ok && project !== undefined ? [project] : [])),
  };
}
