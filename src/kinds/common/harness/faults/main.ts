/** Hooks the modules under test in every Node process of a component. Preloaded by `--require` in each thread. */
import { createRequire, isBuiltin, Module, register, syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import { changeImport } from './changed-imports.ts';
import { CompiledFiles, isCompiled } from './compiled-files.ts';
import { PORTAL } from './facade.ts';
import { Loader, refusal } from './loader.ts';
import { type Orders, readOrders } from './orders.ts';
import { isLoader, OwnFiles } from './own-files.ts';
import { Record } from './record.ts';
import { Shown } from './shown.ts';
import { callingFiles, pathOf } from './side.ts';

interface Parent {
  readonly filename?: string | null;
}

/** Parts of Node's loader that its types lack: both have always been there, and many programs replace them. */
type Internals = {
  _load: (this: unknown, request: string, parent: Parent | null | undefined, isMain: boolean) => unknown;
  _resolveFilename: (request: string, parent: Parent | null | undefined, isMain: boolean) => string;
};

type SyncHooks = {
  registerHooks?: (hooks: {
    resolve: (specifier: string, context: never, next: (...args: unknown[]) => never) => unknown;
    load: (url: string, context: never, next: (...args: unknown[]) => never) => unknown;
  }) => void;
};

class Hooks {
  readonly #orders: Orders;
  readonly #record: Record;
  readonly #files: OwnFiles;
  readonly #shown: Shown;
  #hasArrived = false;

  constructor(orders: Orders, main: string | undefined) {
    this.#orders = orders;
    this.#record = new Record(orders.folder);
    this.#files = new OwnFiles(orders.modules, main);
    this.#shown = new Shown(orders, this.#record, this.#files);
  }

  /** For `require`. */
  hookCommonJs(): void {
    const node = Module as unknown as Internals;
    const hooks = this;
    const load = node._load;
    node._load = function (request, parent, isMain) {
      const file = hooks.#hookedFile(request, parent, isMain);
      const exports = load.call(this, request, parent, isMain);
      return file === undefined ? exports : hooks.#see(file, exports);
    };
  }

  /** @returns the file, if it belongs to a module under test and the file that requires it does not */
  #hookedFile(request: string, parent: Parent | null | undefined, isMain: boolean): string | undefined {
    // An ES module that imports a CommonJS one has no parent here; it gets a facade.
    if (isMain || parent === null || parent === undefined || isBuiltin(request)) return undefined;
    const file = resolved(request, parent);
    if (file === undefined) return undefined;
    const from = parent.filename ?? undefined;
    const importer =
      from !== undefined && isLoader(from) ? callingFiles().find((each) => !isLoader(each)) : from;
    if (this.#files.isInside(importer)) {
      if (!file.includes('node_modules')) this.#files.join(file);
      return undefined;
    }
    if (this.#files.of(file) === undefined) return undefined;
    this.#refuse(file);
    return file;
  }

  /** @throws if the import of the file is to fail */
  #refuse(file: string): void {
    const own = this.#files.of(file);
    if (own !== undefined && this.#orders.change === 'import-fails')
      throw Object.assign(refusal(this.#record, own.name), { code: 'MODULE_NOT_FOUND' });
  }

  #see(file: string, exports: unknown): unknown {
    const own = this.#files.of(file);
    if (own === undefined) return exports;
    this.#arrived(own.name);
    return this.#shown.exports(exports, this.#files.nameOf(file, own));
  }

  /** For `import`. */
  hookModules(main: string | undefined): void {
    Object.defineProperty(globalThis, Symbol.for(PORTAL), { value: this.#portal, configurable: true });
    const { registerHooks } = Module as unknown as SyncHooks;
    if (registerHooks === undefined) {
      // Some versions run the hooks of all threads in one thread, others in one each: a facade is not wrapped again.
      register(pathToFileURL(join(__dirname, 'loader.cjs')), { data: { orders: this.#orders, main } });
      return;
    }
    const loader = new Loader(this.#orders, this.#record, this.#files);
    registerHooks({
      resolve: (specifier, context, next) => loader.resolved(next(specifier, context), context),
      load: (url, context, next) => loader.loaded(url) ?? next(url, context),
    });
  }

  /** What the facade of a module gets: a function that maps the name of an export to what importers see. */
  #portal = (namespace: { [name: string]: unknown }, module: string, isCommonJs: boolean) => {
    this.#arrived(this.#moduleOf(module));
    const see = (name: string): unknown => {
      try {
        const value = namespace[name];
        return isCommonJs && name === 'default'
          ? this.#shown.exports(value, module)
          : this.#shown.member(value, module, name);
      } catch {
        // In an import cycle it may have no value yet.
        return undefined;
      }
    };
    const settle = (again: readonly (() => void)[]): void => {
      this.#record.announce();
      for (const refresh of again) this.#shown.onCalls(refresh);
      if (again.length > 0) queueMicrotask(() => again.forEach((refresh) => void refresh()));
    };
    return Object.assign(see, { settle });
  };

  /** One of the modules was imported. */
  #arrived(name: string): void {
    this.#record.once({ imported: name });
    if (this.#hasArrived) return;
    this.#hasArrived = true;
    changeImport(this.#orders, this.#record);
  }

  #moduleOf(path: string): string {
    return (
      this.#orders.modules.find(({ name }) => path === name || path.startsWith(`${name}/`))?.name ?? path
    );
  }

  /** Notes code that a program compiles itself, in contexts or from text: no loader sees it. */
  watchContexts(): void {
    const fileOf = (options: unknown): string | undefined => {
      const name =
        typeof options === 'string' ? options : (options as { filename?: unknown } | undefined)?.filename;
      return typeof name === 'string' ? pathOf(name) : undefined;
    };
    const note = (options: unknown): void => {
      const file = fileOf(options);
      if (file === undefined) return;
      const own = this.#files.of(file);
      if (own !== undefined)
        this.#record.unhookable(
          this.#files.nameOf(file, own),
          null,
          'it is loaded by way of node:vm, as some test runners do',
        );
    };
    const watched = <F extends object>(original: F, at: number): F =>
      new Proxy(original, {
        apply: (target, self, args: unknown[]) => {
          note(args[at]);
          return Reflect.apply(target as unknown as () => unknown, self, args);
        },
        construct: (target, args: unknown[], made) => {
          note(args[at]);
          return Reflect.construct(target as unknown as new () => object, args, made);
        },
      });
    vm.Script = watched(vm.Script, 1);
    vm.compileFunction = watched(vm.compileFunction, 2);
    const compiled = new CompiledFiles(this.#files, {
      see: (file, exports) => this.#see(file, exports),
      refuse: (file) => this.#refuse(file),
    });
    const run = vm.runInThisContext;
    const noted = watched(run, 1);
    vm.runInThisContext = new Proxy(run, {
      apply: (_, self, args: Parameters<typeof run>) => {
        const file = fileOf(args[1]);
        if (file === undefined || !isCompiled(args[0])) return Reflect.apply(noted, self, args) as unknown;
        return compiled.wrapped(Reflect.apply(run, self, args), file);
      },
    });
    vm.runInContext = watched(vm.runInContext, 2);
    vm.runInNewContext = watched(vm.runInNewContext, 2);
    syncBuiltinESMExports();
  }

  /** Hooks into `emit`, which Node calls with or without listeners: a listener of ours would be visible. */
  watchEnds(): void {
    if (isMainThread) this.#record.begin();
    const emit = process.emit as (...args: unknown[]) => boolean;
    const record = this.#record;
    const watched = function (this: unknown, ...args: unknown[]): boolean {
      const result = emit.apply(this, args);
      if (args[0] === 'exit') record.finish();
      return result;
    };
    process.emit = watched as typeof process.emit;
  }
}

function resolved(request: string, parent: Parent): string | undefined {
  try {
    return (Module as unknown as Internals)._resolveFilename(request, parent, false);
  } catch {
    // Whoever requires it gets the error.
    return undefined;
  }
}

/** The file that the process starts with, as modules know it. */
function mainFile(): string | undefined {
  const [, file] = process.argv;
  if (file === undefined || !isMainThread) return undefined;
  try {
    return createRequire(__filename).resolve(file);
  } catch {
    return undefined;
  }
}

const orders = readOrders(process.env.SHAKEDOWN_FAULT);
if (orders !== undefined) {
  const main = mainFile();
  const hooks = new Hooks(orders, main);
  hooks.hookCommonJs();
  hooks.hookModules(main);
  hooks.watchContexts();
  hooks.watchEnds();
}
