/**
 * Loads the entry points of a package one by one, as a module in the current folder would. Each is journaled before it
 * is loaded, so that the journal tells which one ended the process.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LoadJob } from '../../../core/entry.ts';
import { HERE, importHere, requireHere } from '../../common/harness/load-here.ts';
import type { LoadEvent, ThrownError } from '../protocol.ts';

const STACK_LINES = 6;

/** Properties that Node's loaders put on errors, and @types/node does not declare. */
interface LoaderError extends Error {
  readonly code?: unknown;
  readonly requireStack?: readonly string[];
}

function importerOf({ requireStack, message }: LoaderError): string | null {
  const path = requireStack?.[0] ?? / imported from (\S+)$/m.exec(message)?.[1];
  if (path === undefined) return null;
  return path.startsWith('file:') ? fileURLToPath(path) : path;
}

function describe(thrown: unknown): ThrownError {
  if (!(thrown instanceof Error))
    return { name: typeof thrown, code: null, message: String(thrown), stack: [], importer: null };
  const error = thrown as LoaderError;
  return {
    name: error.name,
    code: typeof error.code === 'string' ? error.code : null,
    message: error.message,
    stack: (error.stack ?? '').split('\n').slice(0, STACK_LINES),
    importer: importerOf(error),
  };
}

const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as LoadJob;
// An entry point may be a program, and would read our arguments as its own.
process.argv.splice(1, Number.POSITIVE_INFINITY, HERE);
const tell = (event: LoadEvent): void => appendFileSync(job.journal, `${JSON.stringify(event)}\n`);
for (const [index, { form, specifier }] of job.loads.entries()) {
  if (index < job.from) continue;
  tell({ type: 'begun', index });
  try {
    await (form === 'import' ? importHere(specifier) : requireHere(specifier));
    tell({ type: 'loaded', index });
  } catch (error) {
    tell({ type: 'threw', index, error: describe(error) });
  }
}
// Whatever the entry points left running must not keep this process alive.
process.exit(0);
