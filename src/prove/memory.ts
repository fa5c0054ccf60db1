/** Remembers what earlier proofs of this suite have shown, as long as nothing has changed since. */
import { closureOf } from '../core/shared.ts';
import type { Component } from '../core/suite.ts';
import type { PreparedRun } from '../engine/course.ts';
import {
  installedFingerprint,
  type ProvedFault,
  projectFingerprint,
  proofFingerprint,
  recallProof,
  rememberProof,
} from '../store/proof-cache.ts';
import { projectCache } from '../store/state-folder.ts';

/** What it tries, if it says so: in `prove`, or as the module that its kind is about. */
function modulesOf(component: Component & { readonly module?: unknown }): readonly string[] {
  const { prove, module } = component;
  return typeof module === 'string' ? [...prove.modules, module] : prove.modules;
}

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
    const project = await this.#projectPrint();
    if (project === undefined) return;
    for (const { component } of this.#prepared.run.plan.components)
      this.#prints.set(component.name, this.#printOf(component, project));
  }

  #projectPrint(): Promise<string | undefined> {
    return projectFingerprint(this.#prepared.run.plan.root).catch(() => undefined);
  }

  #printOf(component: Component, project: string): string {
    const { run, env } = this.#prepared;
    const { plan, version } = run;
    const installed = installedFingerprint(modulesOf(component), component.cwd, { ...env, ...component.env });
    const names = closureOf(component.uses, plan.shared);
    const shared = plan.shared.filter(({ name }) => names.includes(name));
    const given = [version, process.version, plan.env, plan.memory, plan.seed, component, shared, installed];
    return proofFingerprint(project, JSON.stringify(given));
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
    const project = await this.#projectPrint();
    if (cache === undefined || project === undefined) return;
    for (const component of components) {
      const { name } = component;
      const print = this.#printOf(component, project);
      const shown = this.#shown.get(name);
      if (shown === undefined || this.#forgotten.has(name) || print !== this.#prints.get(name)) continue;
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
