/** Whether a file can be run as a program, judged by the file alone. */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { quote } from '../core/quote.ts';

/** The reason, and how to fix it. */
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
    // A binary may be executable without being readable.
    return '';
  }
}

/** Whether a script's shebang line ends with CRLF. */
export function hasWindowsLineEnds(path: string): boolean {
  const line = firstLine(path);
  return line.startsWith('#!') && line.endsWith('\r');
}

/** The interpreter in a script's shebang, and its options; empty without one. */
export function interpreterLine(path: string): readonly string[] {
  const line = firstLine(path);
  if (!line.startsWith('#!')) return [];
  const words = line.slice(2).trim().split(/\s+/);
  if (!words[0]?.endsWith('/env')) return words;
  const at = words.findIndex((word, index) => index > 0 && !word.startsWith('-') && !word.includes('='));
  return at === -1 ? [] : words.slice(at);
}

/** The interpreter in a script's shebang; undefined without one. */
export const interpreterOf = (path: string): string | undefined => interpreterLine(path)[0];

/** ELF and Mach-O. */
const isBinary = (line: string): boolean => line.startsWith('\x7fELF') || /^[\xca\xcf\xce\xfe]/.test(line);

/**
 * @param shown the file's name in messages
 * @returns undefined when it looks runnable; does not check whether its interpreter is installed
 */
export function whyNotRunnable(path: string, shown: string = path): NotRunnable | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return { message: `${shown} is not a file`, hint: 'give an executable file' };
    // A shell would run an empty file and report success.
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
