/** Makes `require` compile CommonJS modules in a `node:vm` context, as test runners do to isolate files. */
import Module, { createRequire } from 'node:module';
import { dirname } from 'node:path';
import vm from 'node:vm';

/** Runs the source of a CommonJS module in Node's loader. Undeclared, but patched by many. */
type Compile = (this: NodeJS.Module, content: string, filename: string, format?: string) => unknown;

/** A context with its own realm and with Node's additions to the global object. */
function nodeContext(): vm.Context {
  const context = vm.createContext({});
  const own = new Set(vm.runInContext('Object.getOwnPropertyNames(globalThis)', context) as string[]);
  for (const name of Object.getOwnPropertyNames(globalThis).filter((each) => !own.has(each))) {
    const define = (value: unknown): void => {
      Object.defineProperty(context, name, { value, writable: true, configurable: true, enumerable: true });
    };
    // Lazily: some globals are created, or print a warning, on first access.
    Object.defineProperty(context, name, {
      get: () => Reflect.get(globalThis, name),
      set: define,
      configurable: true,
    });
  }
  context.global = vm.runInContext('globalThis', context);
  // Buffer and TextEncoder come from the outer realm; test runners share these two so that their bytes match.
  Object.assign(context, { ArrayBuffer, Uint8Array });
  return context;
}

/** From now on CommonJS modules run in a fresh context. ES modules cannot: Node compiles them only in its main context. */
export function compileInContext(): void {
  const context = nodeContext();
  const loader = Module.prototype as unknown as { _compile: Compile };
  const compile = loader._compile;
  loader._compile = function (content, filename, format) {
    const wrapper = format?.startsWith('module') ? undefined : compileIn(context, content, filename);
    // An ES module, TypeScript, or a syntax error, which Node itself should report.
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

/** The body of a CommonJS module as a function of the context; undefined if it does not compile. */
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
