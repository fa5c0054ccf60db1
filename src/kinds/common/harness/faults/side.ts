/**
 * Whether a method is called from inside or outside its module. For exports the lookup shows that; methods are only
 * called.
 */
import { fileURLToPath } from 'node:url';
import { going } from './calls.ts';
import type { OwnFiles } from './own-files.ts';

/** Inspecting the stack takes microseconds: after this many calls from the same side, only one in several is inspected. */
const SURE_AFTER = 200;
const ONE_IN = 64;

/** How many frames are inspected: there may be some of Node's own between a caller and a method. */
const FRAMES = 10;

/** The frames of the stack; V8 creates them when the property `stack` is first read. */
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
    // A program has frozen `Error`.
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

/** @returns the files on the stack, the innermost first, without Node's and our own */
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

/** Decides for one method whether it is called from inside its module. */
export class Side {
  readonly #files: OwnFiles;
  /** For calls within a call from outside, and for all others, such as callbacks: these are judged separately. */
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
