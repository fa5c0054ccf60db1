/** On which side of a module its caller is. Exports are looked up, and who does that is known; methods are only called. */
import { fileURLToPath } from 'node:url';
import { going } from './calls.ts';
import type { OwnFiles } from './own-files.ts';

/** Looking at the stack takes microseconds: after so many calls that came from one side, one in some is looked at. */
const SURE_AFTER = 200;
const ONE_IN = 64;

/** Frames that are looked at: between a caller and a method there may be those of Node itself. */
const FRAMES = 10;

/** What is found of the stack is the value of a property that V8 makes when it is first read. */
function frames(): readonly NodeJS.CallSite[] {
  const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  const limit = Error.stackTraceLimit;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = FRAMES;
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(holder);
    return Array.isArray(holder.stack) ? holder.stack : [];
  } catch {
    // A program that has frozen what there is.
    return [];
  } finally {
    Error.stackTraceLimit = limit;
    if (before === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Object.defineProperty(Error, 'prepareStackTrace', before);
  }
}

export function pathOf(name: string): string {
  const [plain = ''] = name.split('?');
  try {
    return plain.startsWith('file:') ? fileURLToPath(plain) : plain;
  } catch {
    return plain;
  }
}

/** @returns the files of the stack, the innermost first, but for Node's and our own */
export const callingFiles = (): string[] =>
  frames().flatMap((frame) => {
    const name = frame.getFileName();
    return typeof name !== 'string' || name.startsWith('node:') || name === __filename ? [] : pathOf(name);
  });

interface Run {
  isInside: boolean;
  length: number;
  skipped: number;
}

/** Tells for one method whether it is called from inside its module. */
export class Side {
  readonly #files: OwnFiles;
  /** Called within a call from outside, and else: what goes on by itself, or is called back, is seen apart. */
  readonly #runs: readonly [Run, Run] = [
    { isInside: false, length: 0, skipped: 0 },
    { isInside: false, length: 0, skipped: 0 },
  ];

  constructor(files: OwnFiles) {
    this.#files = files;
  }

  isInside(): boolean {
    const run = this.#runs[going.depth > 0 ? 1 : 0];
    if (run.length >= SURE_AFTER && run.skipped < ONE_IN) {
      run.skipped += 1;
      return run.isInside;
    }
    run.skipped = 0;
    const [caller] = callingFiles();
    const isInside = this.#files.isInside(caller);
    run.length = isInside === run.isInside ? run.length + 1 : 0;
    run.isInside = isInside;
    return isInside;
  }
}
