/**
 * Files that jiti loads: it compiles them itself, TypeScript or ES modules, into functions for a CommonJS module. So does
 * Shakedown, with jiti, where Node cannot read TypeScript.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { OwnFiles } from './own-files.ts';

interface CompiledModule {
  exports: unknown;
}

type Ask = (...args: unknown[]) => unknown;

/** What jiti makes of a file. */
type Body = (exports: unknown, require: Ask, module: CompiledModule, ...rest: unknown[]) => unknown;

const BODY = /^\((?:async )?function \(exports, require, module, __filename, __dirname, jitiImport\b/;

/** Whether this code, for `vm.runInThisContext`, is what jiti makes of a file. */
export const isCompiled = (code: unknown): boolean => typeof code === 'string' && BODY.test(code);

interface Sight {
  /** @returns what others see of the exports of a file */
  readonly see: (file: string, exports: unknown) => unknown;
  /** @throws if the import of a file is to fail */
  readonly refuse: (file: string) => void;
}

export class CompiledFiles {
  readonly #files: OwnFiles;
  readonly #sight: Sight;
  /** Whether the file that asks for another one belongs to the modules under test; it asks with promises, too. */
  readonly #isInside = new AsyncLocalStorage<boolean>();

  constructor(files: OwnFiles, sight: Sight) {
    this.#files = files;
    this.#sight = sight;
  }

  /** @param body what has been compiled of a file */
  wrapped(body: unknown, file: string): unknown {
    if (typeof body !== 'function') return body;
    const run = body as Body;
    return (exports: unknown, require: Ask, module: CompiledModule, ...rest: unknown[]): unknown => {
      const isAskedInside = this.#isInside.getStore() === true;
      if (isAskedInside && !file.includes('node_modules')) this.#files.join(file);
      const isInside = this.#files.isInside(file);
      if (isInside) {
        if (!isAskedInside) this.#sight.refuse(file);
        this.#mask(module, file);
      }
      const [name, folder, load, ...others] = rest;
      const args = [name, folder, this.#asking(load, isInside), ...others];
      return this.#isInside.run(isInside, () =>
        run(exports, this.#asking(require, isInside), module, ...args),
      );
    };
  }

  /** The module keeps its exports; who asks from outside sees others. */
  #mask(module: CompiledModule, file: string): void {
    let { exports } = module;
    Object.defineProperty(module, 'exports', {
      configurable: true,
      enumerable: true,
      get: () => (this.#isInside.getStore() === true ? exports : this.#sight.see(file, exports)),
      set: (value: unknown) => {
        exports = value;
      },
    });
  }

  /** `require` or `jitiImport`, as a file has it. */
  #asking<F>(ask: F, isInside: boolean): F {
    if (typeof ask !== 'function') return ask;
    return new Proxy(ask, {
      apply: (target, self, args: unknown[]) =>
        this.#isInside.run(isInside, () => Reflect.apply(target, self, args) as unknown),
    });
  }
}
