/** Where the programs are that a kind starts. */
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../core/suite.ts';
import { findProgram } from '../../files/find-program.ts';

/** A program of the build that runs in child processes, beside the chunk that this is in. */
export const harnessFile = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** The Node of a component; where it has none on its PATH, ours. */
export const nodeOf = ({ PATH }: Environment): string => findProgram('node', PATH) ?? process.execPath;

/** The Python of a component, by the name under which it is on the PATH. */
export const pythonOf = ({ PATH }: Environment): string | undefined =>
  ['python', 'python3'].find((name) => findProgram(name, PATH) !== undefined);
