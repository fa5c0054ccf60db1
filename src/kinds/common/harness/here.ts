/** `import` and `require` as they are written in the folder in which the process was started. */
import { readFileSync } from 'node:fs';
import type { Form } from '../../../core/entry.ts';
import { importHere, requireHere } from './load-here.ts';

export { importHere, requireHere };

// Node warns once that this is experimental. Only the module under test should print in this process.
const { emitWarning } = process;
process.emitWarning = () => {};
await importHere('node:fs');
process.emitWarning = emitWarning;

const codeOf = (error: unknown): string => String((error as { readonly code?: unknown } | null)?.code);

/** The name of the package in a specifier; for a file, the specifier itself. */
const packageOf = (specifier: string): string => /^(?:@[^/]+\/)?[^./][^/]*/.exec(specifier)?.[0] ?? specifier;

/** Whether a package deliberately offers nothing of this name in the requested form. */
function isNotOffered(error: unknown, specifier: string): boolean {
  const { message } = error as Error;
  // Addons are for `require` alone.
  if (codeOf(error) === 'ERR_UNKNOWN_FILE_EXTENSION') return message.includes('".node"');
  if (codeOf(error) !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') return false;
  // It may be a package that this one needs.
  const where = message.split(/"exports"(?: main defined)? in /, 2)[1] ?? '';
  const [manifest] = /^.+?\/package\.json(?= |$)/.exec(where) ?? [];
  if (manifest === undefined) return false;
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === packageOf(specifier);
}

/** Whether `require` failed because it led to an ES module, which older Nodes cannot load this way. */
const isModuleOnly = (error: unknown): boolean =>
  ['ERR_REQUIRE_ESM', 'ERR_REQUIRE_ASYNC_MODULE'].includes(codeOf(error));

/** What was loaded, or why there is nothing to load in that form. */
export type Loaded = { readonly value: unknown } | { readonly notOffered: string };

/** @throws whatever the module throws */
export async function tryImport(specifier: string): Promise<Loaded> {
  try {
    return { value: await importHere(specifier) };
  } catch (error) {
    if (isNotOffered(error, specifier)) return { notOffered: 'it cannot be imported' };
    throw error;
  }
}

/** @throws whatever the module throws */
export function tryRequire(specifier: string): Loaded {
  try {
    return { value: requireHere(specifier) };
  } catch (error) {
    if (isNotOffered(error, specifier) || isModuleOnly(error))
      return { notOffered: 'it has no CommonJS form' };
    throw error;
  }
}

/** Loads by `import`, or by `require` if the package is offered to that alone. */
export async function loadHere(specifier: string): Promise<{ readonly form: Form; readonly value: unknown }> {
  const imported = await tryImport(specifier);
  if ('value' in imported) return { form: 'import', value: imported.value };
  return { form: 'require', value: requireHere(specifier) };
}
