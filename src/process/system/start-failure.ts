import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { troubleOf } from '../../core/failure.ts';
import type { Finding } from '../../core/finding.ts';
import type { Command, Environment } from '../../core/suite.ts';
import { findProgram } from '../../files/find-program.ts';
import { hasWindowsLineEnds, interpreterOf, whyNotRunnable } from '../../files/runnable.ts';

/** Why a command could not be started, in the user's terms. */
export interface StartFailure {
  readonly message: string;
  readonly hint: string;
  /** The program that was not found, if that is why. */
  readonly missing?: string;
  /** Set when the machine lacks something and the command is not to blame. */
  readonly isTrouble?: true;
}

export function startFinding(step: string, { message, hint, missing, isTrouble }: StartFailure): Finding {
  if (isTrouble === true) return { code: 'machine-trouble', step, message, hint };
  if (missing === undefined) return { code: 'cannot-start', step, message, hint };
  return { code: 'missing-program', step, message, hint, program: missing };
}

/** A script may exist and still name an interpreter that is not installed. */
function missingInterpreter(path: string, searchPath: string | undefined): StartFailure | undefined {
  const program = interpreterOf(path);
  if (program === undefined || findProgram(program, searchPath) !== undefined) return undefined;
  return {
    message: `${path} needs ${program} (see its first line), which is not installed`,
    hint: `install ${program}, or change the first line`,
    missing: program,
  };
}

interface StartOptions {
  readonly cwd: string;
  readonly env: Environment;
}

const programOf = (command: Command): string => (command.type === 'shell' ? '/bin/sh' : command.argv[0]);

/** What would keep a command from starting, as far as its folder and file tell; undefined when nothing would. */
export function foreseeStartFailure(command: Command, options: StartOptions): StartFailure | undefined {
  try {
    if (!statSync(options.cwd).isDirectory()) throw new Error('not a folder');
  } catch {
    return {
      message: `the folder to run it in does not exist: ${options.cwd}`,
      hint: 'set cwd to an existing folder',
    };
  }
  const program = programOf(command);
  const path = program.includes('/')
    ? isAbsolute(program)
      ? program
      : resolve(options.cwd, program)
    : findProgram(program, options.env.PATH);
  if (path === undefined)
    return {
      message: `${program} is not installed, or not on the PATH`,
      hint: `install ${program}`,
      missing: program,
    };
  return whyNotRunnable(path) ?? missingInterpreter(path, options.env.PATH);
}

/** The exit codes of shells and `env` for programs that they cannot find or run. */
const NOT_RUN: readonly (number | null)[] = [126, 127];

/**
 * A script with Windows line endings that a shell line calls: the shell says `not found` although the file is there.
 *
 * @param exitCode of the shell line
 * @returns what is wrong and how to fix it; undefined when no script in the line is like that
 */
export function explainLineEnds(command: Command, cwd: string, exitCode: number | null): string | undefined {
  if (command.type !== 'shell' || !NOT_RUN.includes(exitCode)) return undefined;
  const words = command.line.split(/[\s;&|()<>'"`]+/).filter((word) => word.includes('/'));
  for (const word of words) {
    const path = resolve(cwd, word);
    if (!hasWindowsLineEnds(path)) continue;
    const why = whyNotRunnable(path, word);
    if (why !== undefined) return `${why.message}; ${why.hint}`;
  }
  return undefined;
}

/** Explains why the system refused to start a command. */
export function explainStartFailure(
  command: Command,
  options: StartOptions,
  error: NodeJS.ErrnoException,
): StartFailure {
  const isForeseeable = error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'ENOEXEC';
  const trouble = troubleOf(error);
  if (trouble !== undefined) {
    const message = `${programOf(command)} could not be started: ${trouble.cause} (${error.message})`;
    return { message, hint: trouble.remedy, isTrouble: true };
  }
  const reason = isForeseeable ? foreseeStartFailure(command, options) : undefined;
  const message = `${programOf(command)} could not be started: ${error.message}`;
  return reason ?? { message, hint: 'run it by hand to see more' };
}
