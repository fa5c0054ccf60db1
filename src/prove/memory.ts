/** Remembers what earlier proofs of this suite have shown, as long as nothing has changed since. */
import { sep } from 'node:path';
import { closureOf } from '../core/shared.ts';
import type { Component } from '../core/suite.ts';
import type { PreparedRun } from '../engine/course.ts';
import { triedModules } from '../kinds/index.ts';
import {
  installedFingerprint,
  lastingVariables,
  type ProvedFault,
  projectFingerprint,
  proofFingerprint,
  recallProof,
  rememberProof,
} from '../store/proof-cache.ts';
import { projectCache } from '../store/state-folder.ts';

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);

export class Memory {
  readonly #prepared: PreparedRun;
  readonly #shown = new Map<string, ProvedFault[]>();
  /** Nothing is kept about proofs that are incomplete, or could turn out differently. */
  readonly #forgotten = new Set<string>();
  readonly #prints = new Map<string, string>();

  constructor(prepared: PreparedRun) {
    this.#prepared = prepared;
  }

  /** Takes the fingerprints, before anything runs. */
  async look(): Promise<void> {
    const projects = new Map<string, string | undefined>();
    for (const { component } of this.#prepared.run.plan.components) {
      const print = await this.#printOf(component, projects);
      if (print !== undefined) this.#prints.set(component.name, print);
    }
  }

  /**
   * @param projects the fingerprints of projects that were taken already, by their folders
   * @returns undefined if something of it is too large to be looked at
   */
  async #printOf(
    component: Component,
    projects: Map<string, string | undefined>,
  ): Promise<string | undefined> {
    const { run, env } = this.#prepared;
    const { plan, version } = run;
    const tried = await triedModules(component, plan.root);
    const installed = installedFingerprint(tried.names, component.cwd, { ...env, ...component.env });
    // A suite may be in a folder of the project that it tries.
    const folders = [plan.root, ...tried.projects.filter((project) => !isWithin(project, plan.root))];
    const looked: string[] = [];
    for (const folder of new Set(folders)) {
      if (!projects.has(folder))
        projects.set(folder, await projectFingerprint(folder).catch(() => undefined));
      const print = projects.get(folder);
      if (print === undefined || installed === undefined) return undefined;
      looked.push(print);
    }
    const names = closureOf(component.uses, plan.shared);
    const shared = plan.shared.filter(({ name }) => names.includes(name));
    const variables = lastingVariables(env);
    const given = [version, process.version, variables, plan.memory, plan.seed, component, shared, installed];
    return proofFingerprint(looked.join('\0'), JSON.stringify(given));
  }

  recall(component: Component): readonly ProvedFault[] | undefined {
    const print = this.#prints.get(component.name);
    const cache = this.#cache();
    if (print === undefined || cache === undefined) return undefined;
    return recallProof(cache, component.name, print);
  }

  add({ name }: Component, shown: ProvedFault): void {
    this.#shown.set(name, [...(this.#shown.get(name) ?? []), shown]);
  }

  forget({ name }: Component): void {
    this.#forgotten.add(name);
  }

  /** Keeps what was shown about these, unless their project has changed meanwhile: then nobody knows what was tried. */
  async keep(components: readonly Component[]): Promise<void> {
    const cache = this.#cache();
    if (cache === undefined) return;
    const projects = new Map<string, string | undefined>();
    for (const component of components) {
      const { name } = component;
      const print = await this.#printOf(component, projects);
      const shown = this.#shown.get(name);
      if (print === undefined || print !== this.#prints.get(name)) continue;
      if (shown === undefined || this.#forgotten.has(name)) continue;
      rememberProof(cache, name, print, shown);
    }
  }

  /** Undefined if there is none: then everything is proved again. */
  #cache(): string | undefined {
    try {
      return projectCache(this.#prepared.run.plan.root);
    } catch {
      return undefined;
    }
  }
}
