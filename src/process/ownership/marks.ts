/** The marks that an owner's processes bear, and what bears them. */
import { dirname } from 'node:path';
import { environmentOf, idOf, nowTicks, openFiles, type ProcessId, readOnce } from '../system/proc.ts';
import { type LimitRange, limitsOn } from './limit-mark.ts';

export interface Marks {
  /** `NAME=value`, or `NAME=` for any value. The name begins with `SHAKEDOWN_`. */
  readonly cookie: string;
  /** A file that is held open; with a trailing slash, any file in that folder. */
  readonly lease: string;
  /** A resource limit in this range marks a member: that of an owner, or of a run. */
  readonly limit?: LimitRange | undefined;
}

/** How all cookies begin: other variables are not looked at. */
const COOKIES = 'SHAKEDOWN_';

/** What the kernel appends to the path of an open file that was removed. */
const REMOVED = ' (deleted)';

function pathsOf(target: string): string[] {
  if (!target.startsWith('/')) return [];
  const path = target.endsWith(REMOVED) ? target.slice(0, -REMOVED.length) : target;
  return [path, `${dirname(path)}/`];
}

/** What may be a mark, as far as it could be read. */
interface Reading {
  readonly signs: readonly string[];
  /** It is not that something could not be read, or not yet: a process that is becoming another program shows nothing. */
  readonly isWhole: boolean;
}

/** The cookies in the environment of a process, each with and without its value, and its open files with their folders. */
function readSigns(pid: number): Reading {
  const environment = environmentOf(pid);
  const cookies = environment.flatMap((entry) =>
    entry.startsWith(COOKIES) ? [entry, entry.slice(0, entry.indexOf('=') + 1)] : [],
  );
  return { signs: [...cookies, ...openFiles(pid).flatMap(pathsOf)], isWhole: environment.length > 1 };
}

const readLimitSigns = (pid: number): Reading => ({ signs: limitsOn(pid).map(limitSign), isWhole: true });

/** In milliseconds: how long it is believed that a process bears no other marks than were read. */
const BELIEVED_FOR = 1000;
/** In clock ticks: from this age on. A younger one may still be about to become the program that it was started for. */
const SETTLED_AFTER = 10;

/**
 * What processes bear. Marks are inherited at birth and not acquired later, so not each of many looks reads them again; that
 * takes the longest.
 */
class SignReader {
  readonly #what: string;
  readonly #read: (pid: number) => Reading;
  readonly #known = new Map<string, readonly string[]>();
  #knownSince = Number.NEGATIVE_INFINITY;

  constructor(what: string, read: (pid: number) => Reading) {
    this.#what = what;
    this.#read = read;
  }

  of(info: ProcessId): readonly string[] {
    const now = performance.now();
    if (now - this.#knownSince > BELIEVED_FOR) {
      this.#known.clear();
      this.#knownSince = now;
    }
    const id = idOf(info);
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const { signs, isWhole } = readOnce(`${this.#what} ${info.pid}`, () => this.#read(info.pid));
    const isSettled = info.startTicks + SETTLED_AFTER < readOnce('now', nowTicks);
    if (isWhole && isSettled) this.#known.set(id, signs);
    return signs;
  }
}

const SIGNS = new SignReader('signs', readSigns);
const LIMITS = new SignReader('limit signs', readLimitSigns);

export const signsOn = (info: ProcessId): readonly string[] => SIGNS.of(info);

export const limitSignsOn = (info: ProcessId): readonly string[] => LIMITS.of(info);

/** By which signs bearers of these marks are known. */
export const signsOf = ({ cookie, lease }: Marks): string[] => [cookie, lease];

export const limitSignsOf = ({ limit }: Marks): string[] => (limit === undefined ? [] : [limitSign(limit)]);

const limitSign = ({ from, to }: LimitRange): string => `${from}-${to}`;

/** Whether a process bears any of the marks. */
export function bears(info: ProcessId, marks: Marks): boolean {
  const limits = limitSignsOf(marks);
  if (limits.length > 0 && limitSignsOn(info).some((sign) => limits.includes(sign))) return true;
  const signs = signsOf(marks);
  return signsOn(info).some((sign) => signs.includes(sign));
}
