/** What a setup step has made: the files that it declared, and the variables that it exported. */
import { existsSync, readFileSync } from 'node:fs';
import { err, ok, type Result } from '../core/result.ts';
import type { Environment, SetupStep } from '../core/suite.ts';
import { isThere } from '../files/glob.ts';

/** Declared outputs that the step did not make. */
export async function missingOutputs(step: SetupStep): Promise<string[]> {
  const lacking: string[] = [];
  for (const output of step.outputs) if (!(await isThere(step.cwd, output))) lacking.push(output);
  return lacking;
}

/**
 * Reads a step's exports: lines `NAME=value` in the file named by `$SHAKEDOWN_ENV`.
 *
 * @returns the variables, or the first malformed line
 */
export function readExports(path: string): Result<Environment, string> {
  if (!existsSync(path)) return ok({});
  const exported: Record<string, string> = {};
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name, value] = /^(?:export )?([A-Za-z_]\w*)=(.*)$/.exec(line.replace(/\r$/, '')) ?? [];
    if (name === undefined || value === undefined) return err(line);
    exported[name] = value;
  }
  return ok(exported);
}
