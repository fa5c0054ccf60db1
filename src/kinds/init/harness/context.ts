/** Has `require` compile all CommonJS modules within a context of `node:vm`, as test runners do that isolate files. */
import Module, { createRequire } from 'node:module';
import { dirname } from 'node:path';
import vm from 'node:vm';

/** What Node's loader calls to run the source of a CommonJS module; it is not declared, but patched by many. */
type Compile = (this: NodeJS.Module, content: string, filename: string, format?: string) => unknown;

/** A context that has, beside a realm of its own, what Node adds to the global object. */
function nodeContext(): vm.Context {
  const context = vm.createContext({});
  const own = new Set(vm.runInContext('Object.getOwnPropertyNames(globalThis)', context) as string[]);
  for (const name of Object.getOwnPropertyNames(globalThis).filter((each) => !own.has(each))) {
    const define = (value: unknown): void => {
      Object.defineProperty(context, name, { value, writable: true, configurable: true, enumerable: true });
    };
    // Some are made at first sight, or warn when they are looked at.
    Object.defineProperty(context, name, {
      get: () => Reflect.get(globalThis, name),
      set: define,
      configurable: true,
    });
  }
  context.global = vm.runInContext('globalThis', context);
  // What Node makes bytes of, such as Buffer and TextEncoder, is outside: test runners share these two for its sake.
  Object.assign(context, { ArrayBuffer, Uint8Array });
  return context;
}

/** From here on CommonJS modules run in a fresh context. ES modules stay outside: of those Node compiles none into another. */
export function compileInContext(): void {
  const context = nodeContext();
  const loader = Module.prototype as unknown as { _compile: Compile };
  const compile = loader._compile;
  loader._compile = function (content, filename, format) {
    const wrapper = format?.startsWith('module') ? undefined : compileIn(context, content, filename);
    // An ES module, TypeScript, or a mistake, which Node is to tell.
    if (wrapper === undefined) return compile.call(this, content, filename, format);
    return wrapper.call(
      this.exports,
      this.exports,
      createRequire(filename),
      this,
      filename,
      dirname(filename),
    );
  };
}

/** The body of a CommonJS module as a function of the context; undefined when it is none. */
function compileIn(
  context: vm.Context,
  content: string,
  filename: string,
): ReturnType<typeof vm.compileFunction> | undefined {
  try {
    return vm.compileFunction(
      content.replace(/^#!.*/, ''),
      ['exports', 'require', 'module', '__filename', '__dirname'],
      {
        filename,
        parsingContext: context,
        importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      } as vm.CompileFunctionOptions,
    );
  } catch {
    return undefined;
  }
}
