/** Loads modules as one in the folder in which this process was started would, not as one of Shakedown's. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import vm from 'node:vm';

/** The importing module; no such file exists. */
export const HERE = join(process.cwd(), '[shakedown]');

export const requireHere = createRequire(HERE);

/** An `import` that resolves from this folder, where one written here would resolve from Shakedown's. */
export const importHere = vm.runInThisContext('(specifier) => import(specifier)', {
  filename: HERE,
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}) as (specifier: string) => Promise<unknown>;
