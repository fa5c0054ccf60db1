/** Whether a file can be run as a program, told from the file alone. */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { quote } from '../core/quote.ts';

/** Why not, and the mend. */
export interface NotRunnable {
  readonly message: string;
  readonly hint: string;
}

function firstLine(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const start = Buffer.alloc(256);
      return start.toString('latin1', 0, readSync(file, start)).split('\n', 1)[0] ?? '';
    } finally {
      closeSync(file);
    }
  } catch {
    // Executable and not readable is unusual, and fine for a binary.
    return '';
  }
}

/** Whether a script's first line, which names its interpreter, ends as on Windows. */
export function hasWindowsLineEnds(path: string): boolean {
  const line = firstLine(path);
  return line.startsWith('#!') && line.endsWith('\r');
}

/** The program that a script's first line names; undefined for a binary. */
export function interpreterOf(path: string): string | undefined {
  const line = firstLine(path);
  if (!line.startsWith('#!')) return undefined;
  const [interpreter, ...args] = line.slice(2).trim().split(/\s+/);
  return interpreter?.endsWith('/env')
    ? args.find((arg) => !arg.startsWith('-') && !arg.includes('='))
    : interpreter;
}

/** ELF, and the formats of macOS. */
const isBinary = (line: string): boolean => line.startsWith('\x7fELF') || /^[\xca\xcf\xce\xfe]/.test(line);

/**
 * @param path the file
 * @param shown what a person calls it
 * @returns undefined when nothing speaks against it; whether its interpreter is installed is not looked at
 */
export function whyNotRunnable(path: string, shown: string = path): NotRunnable | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return { message: `${shown} is not a file`, hint: 'give an executable file' };
    // A shell runs an empty file, does nothing, and calls it a success.
    if (stat.size === 0)
      return {
        message: `${shown} is empty, so it would pass without doing anything`,
        hint: 'write the script, or remove the file',
      };
    accessSync(path, constants.X_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES')
      return { message: `${shown} is not executable`, hint: `chmod +x ${quote(shown)}` };
    return { message: `${shown} does not exist`, hint: 'check the spelling and the folder' };
  }
  const line = firstLine(path);
  if (line === '' || isBinary(line)) return undefined;
  if (!line.startsWith('#!')) {
    return {
      message: `${shown} has no shebang, so the system does not know how to run it`,
      hint: 'start it with a line such as #!/usr/bin/env python3 or #!/bin/sh',
    };
  }
  if (line.endsWith('\r')) {
    return {
      message: `${shown} has Windows line endings, so the system looks for an interpreter named "${line.slice(2, -1).trim()}\\r"`,
      hint: `convert it: sed -i 's/\\r$//' ${quote(shown)}`,
    };
  }
  return undefined;
}
