/**
 * Loads entry points of a package, one after the other, as a module in the folder in which it was started would. The
 * journal is written before each, so that it tells which one ended the process.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { EntryLoad } from '../../../core/entry.ts';
import { HERE, importHere, requireHere } from '../../common/harness/load-here.ts';
import type { EntriesJob, LoadEvent, ThrownError } from '../protocol.ts';

const STACK_LINES = 6;

/** Undeclared properties that Node's loaders put on their errors. */
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

const load = async ({ form, specifier }: EntryLoad): Promise<void> => {
  await (form === 'import' ? importHere(specifier) : requireHere(specifier));
};

const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as EntriesJob;
// The entry point may be a program and take our arguments for its own.
process.argv.splice(1, Number.POSITIVE_INFINITY, HERE);
const tell = (event: LoadEvent): void => appendFileSync(job.journal, `${JSON.stringify(event)}\n`);
for (const [index, entry] of job.loads.entries()) {
  if (index < job.from) continue;
  tell({ type: 'begun', index });
  try {
    await load(entry);
    tell({ type: 'loaded', index });
  } catch (error) {
    tell({ type: 'threw', index, error: describe(error) });
  }
}
// What they left running does not matter to those who only load them.
process.exit(0);
