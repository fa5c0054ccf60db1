/** Where to find the programs that kinds start. */
import { fileURLToPath } from 'node:url';
import type { Finding } from '../../core/finding.ts';
import type { Environment } from '../../core/suite.ts';
import { findProgram } from '../../files/find-program.ts';

/** A program of the build that runs in a child process. */
export const harnessFile = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** The Node on the component's PATH, or ours if there is none. */
export const nodeOf = ({ PATH }: Environment): string => findProgram('node', PATH) ?? process.execPath;

/** The name of the Python on the component's PATH. */
export const pythonOf = ({ PATH }: Environment): string | undefined =>
  ['python', 'python3'].find((name) => findProgram(name, PATH) !== undefined);

/** @param purpose completes the sentence "it is needed to …" */
export const missingProgram = (program: string, purpose: string, hint: string): Finding => ({
  code: 'missing-program',
  step: program,
  message: `${program} is not installed, or not on the PATH: it is needed to ${purpose}`,
  hint,
  program,
});

export const missingPython = (purpose: string): Finding =>
  missingProgram(
    'python',
    purpose,
    'install Python (python3 serves as well), or put the virtual environment on the PATH',
  );
