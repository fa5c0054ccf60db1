/**
 * The history of a project: a line of JSON for each run, in `.shakedown/history`, which outlives the folders of the runs.
 *
 * Runs may end at the same time, and none waits for another. A line is one write to the end of the file. A full file is
 * renamed, each by another name, so that whoever still writes to it writes to a file that is read; the next line begins a new one.
 * Full files are numbered in the order in which they were set aside, as a run that started long ago may set aside what is newest;
 * two that were set aside at the same moment share a number. They go once the newer ones have enough lines. So no line is lost or
 * torn, without a lock that a killed run could hold.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { toJson } from '../core/harmless.ts';
import { shortNumbers } from '../core/units.ts';
import { removeIfThere } from '../files/remove.ts';
import { type NotOurs, PRIVATE_FILE, whyNotOurs } from './ours.ts';
import { isRunId } from './run-directory.ts';
import { type RunLine, readRunLine } from './run-line.ts';
import type { StateFolder } from './state-folder.ts';

/** How many lines are kept at least; a file with as many is full. */
const MOST_LINES = 100;
/** In bytes: a file of this size is full as well. A run of a thousand components takes a tenth of it. */
const MOST_BYTES = 2 * 1024 * 1024;
const NEWLINE = 0x0a;

const NAME = 'history';
export const historyPath = ({ path }: StateFolder): string => join(path, NAME);

interface FullFile {
  readonly path: string;
  readonly number: number;
}

/** The full files, newest first: their names tell their number, and the run that set them aside. */
function fullFiles({ path }: StateFolder): FullFile[] {
  return readdirSync(path)
    .flatMap((name) => {
      const [, number, run] = new RegExp(`^${NAME}\\.(\\d{1,9})\\.(.*)$`).exec(name) ?? [];
      return isRunId(run ?? '') ? [{ path: join(path, name), number: Number(number) }] : [];
    })
    .sort((one, other) => other.number - one.number);
}

/** The end of a file, as far as it is looked at; empty if it does not exist, or cannot be read. */
function contentOf(path: string): Buffer {
  let fd: number | undefined;
  try {
    // A named pipe would keep us waiting.
    if (!lstatSync(path).isFile()) return Buffer.alloc(0);
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { size } = fstatSync(fd);
    const content = Buffer.alloc(Math.min(size, 2 * MOST_BYTES));
    return content.subarray(0, readSync(fd, content, 0, content.length, size - content.length));
  } catch {
    return Buffer.alloc(0);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function countLines(content: Buffer): number {
  let count = 0;
  for (let at = content.indexOf(NEWLINE); at !== -1; at = content.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

const isEnough = (lines: number, bytes: number): boolean => lines >= MOST_LINES || bytes >= MOST_BYTES;

const isFull = (content: Buffer): boolean => isEnough(countLines(content), content.length);

export interface KnownHistory {
  /** In the order in which the runs started. */
  readonly lines: readonly RunLine[];
  /** Why it is not believed, if it is not; then there are no lines. */
  readonly refused: NotOurs | undefined;
}

/** Lines that are damaged or cannot be understood are left out. */
export function readHistory(state: StateFolder): KnownHistory {
  const lines = new Map<string, RunLine>();
  let bytes = 0;
  try {
    // First the file that may become a full one meanwhile.
    const read = [contentOf(historyPath(state))];
    const files = [{ path: historyPath(state), number: Infinity }, ...fullFiles(state)];
    const refused = files.map(({ path }) => whyNotOurs(path)).find((because) => because !== undefined);
    if (refused !== undefined) return { lines: [], refused };
    let last: number | undefined;
    for (const { path, number } of files) {
      if (number !== last && isEnough(lines.size, bytes)) break;
      last = number;
      const content = read.pop() ?? contentOf(path);
      bytes += content.length;
      for (const text of content.toString('utf8').split('\n')) {
        const line = text === '' ? undefined : readRunLine(text);
        if (line !== undefined) lines.set(line.run, line);
      }
    }
  } catch {
    // There is no such folder.
  }
  const parts = new Set(
    [...lines.values()].flatMap(({ run, merges = [] }) => merges.filter((each) => each !== run)),
  );
  const whole = [...lines.values()].filter(({ run }) => !parts.has(run));
  // The names of runs tell only in which second they started.
  const sorted = whole.sort((one, other) => (one.startedAt < other.startedAt ? -1 : 1));
  return { lines: sorted.slice(-MOST_LINES), refused: undefined };
}

/**
 * Adds a run.
 *
 * @throws NotOurs, or the file system's error when it cannot be written
 */
export function addToHistory(state: StateFolder, line: RunLine): void {
  const path = historyPath(state);
  const because = whyNotOurs(path);
  if (because !== undefined) throw because;
  if (isFull(contentOf(path))) {
    setAside(state, line.run);
    forgetOldest(state);
  }
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, PRIVATE_FILE);
  try {
    if (!fstatSync(fd).isFile()) throw new Error(`${path} is not a file`);
    // What a full disk has cut off must not spoil this line as well.
    const text = Buffer.from(`${endsWithLine(fd) ? '' : '\n'}${toJson(line, shortNumbers)}\n`);
    if (writeSync(fd, text) < text.length) throw new Error('no space is left on the disk');
  } finally {
    closeSync(fd);
  }
}

function setAside(state: StateFolder, run: string): void {
  const path = historyPath(state);
  const number = (fullFiles(state)[0]?.number ?? 0) + 1;
  try {
    renameSync(path, `${path}.${number}.${run}`);
  } catch (error) {
    // Another run did.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function endsWithLine(fd: number): boolean {
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  return size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last[0] === NEWLINE);
}

/** Removes the full files that are older than enough lines. */
function forgetOldest(state: StateFolder): void {
  let lines = 0;
  let bytes = 0;
  let last: number | undefined;
  for (const { path, number } of fullFiles(state)) {
    if (number !== last && isEnough(lines, bytes)) {
      removeIfThere(path);
      continue;
    }
    last = number;
    const content = contentOf(path);
    lines += countLines(content);
    bytes += content.length;
  }
}
