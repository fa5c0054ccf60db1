/** The files of a load that get each window as it ends. */
import { resolve } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { LoadLatency, LoadWindow, NamedWindow } from '../core/load.ts';
import { err, ok, type Result } from '../core/result.ts';
import { csvHead, csvLines, hlogHead, hlogLines } from '../load/report/index.ts';
import { Destination, tellIncomplete } from './destination.ts';
import type { Program } from './flags.ts';
import type { LoadFlags } from './load-flags.ts';

/** A file that gets each window as it ends. */
export interface WindowFile {
  readonly destination: Destination;
  readonly linesOf: (window: LoadWindow, latencyUs: LoadLatency, byName: readonly NamedWindow[]) => string;
}

/**
 * Opens files before anything is sent, so that a wrong path costs no run.
 *
 * @param isNamed whether windows come with the same by name
 */
export function openFiles(
  flags: Pick<LoadFlags, 'csv' | 'hlog'>,
  isNamed: boolean,
  program: Program,
  startedAt: Date,
): Result<WindowFile[], Diagnostic[]> {
  const files: WindowFile[] = [];
  const diagnostics: Diagnostic[] = [];
  const open = (option: string, path: string, head: string, linesOf: WindowFile['linesOf']): void => {
    try {
      const destination = new Destination(resolve(program.cwd, path));
      destination.write(head);
      files.push({ destination, linesOf });
    } catch (error) {
      diagnostics.push({
        message: `${option}: ${path} cannot be written: ${(error as Error).message}`,
        hint: 'choose a file in a folder you can write to',
      });
    }
  };
  if (flags.csv !== undefined)
    open('--csv', flags.csv, csvHead(isNamed), (window, _, byName) =>
      csvLines(window, isNamed ? byName : null),
    );
  if (flags.hlog !== undefined) open('--hlog', flags.hlog, hlogHead(program.version, startedAt), hlogLines);
  return diagnostics.length > 0 ? err(diagnostics) : ok(files);
}

/** @returns the exit code, which a file that could not be written whole may change */
export function closeFiles(files: readonly WindowFile[], exitCode: number): number {
  let code = exitCode;
  for (const { destination } of files) {
    const failure = destination.close();
    if (failure !== undefined) code = tellIncomplete(failure, code);
  }
  return code;
}
