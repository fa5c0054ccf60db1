/**
 * Records a program's unhandled rejections and failed threads, unnoticed by it. Preloaded by `--require` in each
 * thread.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { isMainThread, threadId, Worker } from 'node:worker_threads';

/** How many errors a thread records; the rest are dropped. */
const MOST = 20;
const LINES = 12;
const LONGEST = 2000;

/** @returns the id under which an error is recorded */
type Tell = (reason: unknown) => number;

function watch(folder: string): void {
  const file = join(folder, `${process.pid}-${threadId}.ndjson`);
  let count = 0;
  const write = (document: object): void => {
    try {
      appendFileSync(file, `${JSON.stringify(document)}\n`);
    } catch {
      // The folder is gone, and the run with it.
    }
  };
  const tell: Tell = (reason) => {
    count += 1;
    if (count <= MOST) write({ id: count, lines: linesOf(reason) });
    return count;
  };
  watchRejections(tell, (id) => {
    if (id <= MOST) write({ handled: id });
  });
  watchWorkers(tell);
}

/** A program must not notice that it is watched, even if what it has thrown cannot be shown. */
function linesOf(reason: unknown): string[] {
  let text = 'an error that cannot be shown';
  try {
    if (typeof reason === 'string') text = reason;
    else if (reason instanceof Error && typeof reason.stack === 'string') text = reason.stack;
    else text = inspect(reason);
  } catch {
    // Its own words fail.
  }
  return text.split('\n', LINES).map((line) => line.slice(0, LONGEST));
}

/** Hooks into `emit`, which Node calls with or without listeners; a listener of our own would change what happens next. */
function watchRejections(tell: Tell, handle: (id: number) => void): void {
  const known = new WeakMap<object, number>();
  const emit = process.emit as (...args: unknown[]) => boolean;
  const watched = function (this: unknown, ...args: unknown[]): boolean {
    const [event, first, promise] = args;
    if (event === 'unhandledRejection' && typeof promise === 'object' && promise !== null)
      known.set(promise, tell(first));
    if (event === 'rejectionHandled' && typeof first === 'object' && first !== null) {
      const id = known.get(first);
      if (id !== undefined) handle(id);
    }
    return emit.apply(this, args);
  };
  process.emit = watched as typeof process.emit;
}

/** A worker whose error is handled, or that was terminated, also exits with code 1. */
function watchWorkers(tell: Tell): void {
  const expected = new WeakSet<object>();
  const { terminate } = Worker.prototype;
  const emit = Worker.prototype.emit as (...args: unknown[]) => boolean;
  Worker.prototype.terminate = function (...args) {
    expected.add(this);
    return terminate.apply(this, args);
  };
  Worker.prototype.emit = function (this: Worker, ...args: unknown[]) {
    const [event, code] = args;
    if (event === 'error') expected.add(this);
    if (event === 'exit' && code !== 0 && !expected.has(this) && this.listenerCount('exit') === 0)
      tell(`a worker ended with exit code ${code}`);
    return emit.apply(this, args);
  } as typeof Worker.prototype.emit;
}

/** The option that loaded this file is the last one. */
function putBack(): void {
  const options = process.env.NODE_OPTIONS ?? '';
  const rest = options.slice(0, Math.max(0, options.lastIndexOf('--require'))).trimEnd();
  if (rest === '') delete process.env.NODE_OPTIONS;
  else process.env.NODE_OPTIONS = rest;
}

// Workers get it through their copy of the parent's environment, so it stays; it means nothing to others.
const folder = process.env.SHAKEDOWN_UNHEARD;
if (folder !== undefined) watch(folder);
if (isMainThread) putBack();
