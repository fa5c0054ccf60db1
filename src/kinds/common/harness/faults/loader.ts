/** Node's hooks for ES modules: whoever imports a module from outside gets a facade of it. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SABOTAGE } from '../../../../core/module-fault.ts';
import { facadeOf } from './facade.ts';
import type { Orders } from './orders.ts';
import { OwnFiles } from './own-files.ts';
import { Record } from './record.ts';
import { pathOf } from './side.ts';

/** Marks the URL of a facade. */
const MARK = 'shakedown-facade';

interface ResolveContext {
  readonly parentURL?: string | undefined;
  readonly conditions: readonly string[];
}

interface Resolved {
  readonly url: string;
  readonly format?: string | null | undefined;
  readonly shortCircuit?: boolean;
}

interface Loaded {
  readonly format: string;
  readonly source?: unknown;
  readonly shortCircuit?: boolean;
}

/** The state of a process's hooks, in whichever thread they run. */
export class Loader {
  readonly #orders: Orders;
  readonly #record: Record;
  readonly #files: OwnFiles;

  constructor(orders: Orders, record: Record, files: OwnFiles) {
    this.#orders = orders;
    this.#record = record;
    this.#files = files;
  }

  resolved(found: Resolved, { parentURL, conditions }: ResolveContext): Resolved {
    // `Module._load` handles `require`; the file that a process starts with counts as outside.
    if (
      isFacade(found.url) ||
      !found.url.startsWith('file:') ||
      conditions.includes('require') ||
      parentURL === undefined
    )
      return found;
    const file = fileURLToPath(found.url);
    const own = this.#files.of(file);
    const parent = pathOf(parentURL);
    if (isFacade(parentURL) || this.#files.isInside(parent)) {
      if (!isFacade(parentURL) && !file.includes('node_modules')) this.#files.join(file);
      return found;
    }
    if (own === undefined || /^\.(?:json|wasm)$/.test(extname(file))) return found;
    if (this.#orders.change === 'import-fails') throw refusal(this.#record, own.name);
    return { ...found, url: marked(found.url), format: 'module' };
  }

  /** @returns undefined for anything but a facade */
  loaded(url: string): Loaded | undefined {
    if (!isFacade(url)) return undefined;
    const real = unmarked(url);
    const file = fileURLToPath(real);
    const own = this.#files.of(file);
    const module = own === undefined ? file : this.#files.nameOf(file, own);
    try {
      return { format: 'module', source: facadeOf(real, module), shortCircuit: true };
    } catch (error) {
      this.#record.unhookable(
        module,
        null,
        `its exports could not be read: ${error instanceof Error ? error.message : error}`,
      );
      return { format: 'module', source: passingOn(real), shortCircuit: true };
    }
  }
}

const passingOn = (real: string): string =>
  `export * from ${JSON.stringify(real)};\nimport * as all from ${JSON.stringify(real)};\nexport default all.default;`;

export function refusal(record: Record, module: string): Error {
  record.write([{ changedImports: 1 }]);
  return Object.assign(new Error(`${SABOTAGE}: the import of ${module} fails`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
}

const isFacade = (url: string): boolean => url.includes(MARK);
const marked = (url: string): string => `${url}${url.includes('?') ? '&' : '?'}${MARK}`;
const unmarked = (url: string): string => url.replace(new RegExp(`[?&]${MARK}`), '');

let loader: Loader | undefined;

/** Called in a thread of its own, in versions of Node whose hooks run there. */
export function initialize({ orders, main }: { orders: Orders; main?: string }): void {
  loader = new Loader(orders, new Record(orders.folder, 'hooks'), new OwnFiles(orders.modules, main));
}

export async function resolve(
  specifier: string,
  context: ResolveContext,
  next: (specifier: string, context: ResolveContext) => Promise<Resolved>,
): Promise<Resolved> {
  const found = await next(specifier, context);
  return loader?.resolved(found, context) ?? found;
}

export async function load(
  url: string,
  context: object,
  next: (url: string, context: object) => Promise<Loaded>,
): Promise<Loaded> {
  return loader?.loaded(url) ?? next(url, context);
}
