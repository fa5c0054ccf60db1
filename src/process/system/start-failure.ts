import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { Command, Environment } from '../../domain/suite.ts';
import { findProgram } from '../../files/find-program.ts';
import { interpreterOf, whyNotRunnable } from '../../files/runnable.ts';

/** Why a command could not even be started, in the user's terms. */
export interface StartFailure {
  readonly message: string;
  readonly hint: string;
  /** The program that was looked for and not found, if that is why. */
  readonly missing?: string;
}

/** A script whose file is in order may still name an interpreter that is not installed. */
function missingInterpreter(path: string, searchPath: string | undefined): StartFailure | undefined {
  const program = interpreterOf(path);
  if (program === undefined || findProgram(program, searchPath) !== undefined) return undefined;
  return {
    message: `${path} is run by ${program} (its first line), which is not installed`,
    hint: `install ${program}, or change the first line`,
    missing: program,
  };
}

interface StartOptions {
  readonly cwd: string;
  readonly env: Environment;
}

const programOf = (command: Command): string => (command.type === 'shell' ? '/bin/sh' : command.argv[0]);

/** What keeps a command from being started, as far as its folder and its file tell; undefined when nothing does. */
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

/** Says why the system refused to start a command. */
export function explainStartFailure(
  command: Command,
  options: StartOptions,
  error: NodeJS.ErrnoException,
): StartFailure {
  const isForeseeable = error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'ENOEXEC';
  const reason = isForeseeable ? foreseeStartFailure(command, options) : undefined;
  const message = `${programOf(command)} could not be started: ${error.message}`;
  return reason ?? { message, hint: 'run it by hand to see more' };
}
