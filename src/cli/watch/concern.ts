/** What a changed file concerns: which components are to run again, and which services are to be started anew. Pure. */
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Plan } from '../../core/plan.ts';
import { closureOf } from '../../core/shared.ts';
import type { Shared } from '../../core/suite.ts';

export interface Concern {
  /** Names of components. */
  readonly components: readonly string[];
  /** Names of services and tasks. */
  readonly renew: readonly string[];
}

/** What belongs to one component, service or task. */
interface Domain {
  readonly name: string;
  /** Its working folder, if that is below the root; null if it is the root itself. */
  readonly folder: string | null;
  /** Files that its commands name. */
  readonly files: ReadonlySet<string>;
  /** The files that are said to matter, if that is said. */
  readonly inputs: ReadonlySet<string> | undefined;
}

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);

/**
 * The text of every command in plain data. Other paths in it do not count: a module that one component calls is usually what
 * the others are about as well.
 */
function commandsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && value.type === 'shell' && 'line' in value) return [String(value.line)];
  if ('type' in value && value.type === 'argv' && 'argv' in value && Array.isArray(value.argv))
    return value.argv.map(String);
  return Object.values(value).flatMap(commandsIn);
}

/** The files below a root that commands name: their scripts. */
function filesIn(
  data: unknown,
  cwd: string,
  root: string,
  isFile: (path: string) => boolean,
): ReadonlySet<string> {
  const words = commandsIn(data).flatMap((text) => [text, ...text.split(/[\s'"`;&|()<>=]+/)]);
  const paths = words
    .filter((word) => word !== '' && word.length < 4096 && !word.includes('\0'))
    .map((word) => (isAbsolute(word) ? word : resolve(cwd, word)));
  return new Set(paths.filter((path) => isWithin(path, root) && isFile(path)));
}

export class Concerns {
  readonly #plan: Plan;
  readonly #components: readonly Domain[];
  readonly #shared: readonly Domain[];

  /**
   * @param isFile whether there is a file of that absolute path
   * @param inputs absolute paths of the files that the inputs of a task match, by its name
   */
  constructor(
    plan: Plan,
    isFile: (path: string) => boolean,
    inputs: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
  ) {
    const { root } = plan;
    this.#plan = plan;
    const folderOf = (cwd: string): string | null => {
      const path = relative(root, cwd);
      return path === '' || path.startsWith('..') ? null : cwd;
    };
    this.#components = plan.components.map(({ component }) => ({
      name: component.name,
      folder: folderOf(component.cwd),
      files: filesIn(component, component.cwd, root, isFile),
      inputs: undefined,
    }));
    this.#shared = plan.shared.flatMap((shared): Domain[] => {
      const cwd = folderIn(shared);
      if (cwd === undefined) return [];
      return [
        {
          name: shared.name,
          folder: folderOf(cwd),
          files: filesIn(shared, cwd, root, isFile),
          inputs: inputs.get(shared.name),
        },
      ];
    });
  }

  /** @param paths absolute */
  of(paths: readonly string[]): Concern {
    const components = new Set<string>();
    const renew = new Set<string>();
    for (const path of paths) this.#add(path, components, renew);
    // What needs a service that is started anew is started anew as well, and run again.
    for (const { name, needs } of this.#plan.shared)
      if (closureOf(needs, this.#plan.shared).some((other) => renew.has(other))) renew.add(name);
    for (const { component } of this.#plan.components)
      if (closureOf(component.uses, this.#plan.shared).some((name) => renew.has(name)))
        components.add(component.name);
    return { components: [...components], renew: [...renew] };
  }

  #add(path: string, components: Set<string>, renew: Set<string>): void {
    const owns = ({ folder, files }: Domain): boolean =>
      files.has(path) || (folder !== null && isWithin(path, folder));
    const own = this.#components.filter(owns);
    const shared = this.#shared.filter((domain) => domain.inputs?.has(path) ?? owns(domain));
    for (const { name } of own) components.add(name);
    for (const { name } of shared) renew.add(name);
    if (own.length > 0 || shared.length > 0) return;
    // Anything may depend on it.
    for (const { name } of this.#components) components.add(name);
    for (const { name, folder, inputs } of this.#shared)
      if (folder === null && inputs === undefined) renew.add(name);
  }
}

/** Where a service or task works, or what its image is built from; undefined for what is not of this project. */
function folderIn(shared: Shared): string | undefined {
  if (shared.type === 'service') return shared.service.cwd;
  if (shared.type === 'task') return shared.step.cwd;
  if (shared.type !== 'container') return undefined;
  const { image } = shared.container;
  return image.type === 'build' ? image.context : undefined;
}
