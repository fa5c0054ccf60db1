/** The beginning and the end of a log. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface Excerpt {
  /** Whole lines, as bytes read as UTF-8; all of the log if it is short. */
  readonly head: readonly string[];
  readonly tail: readonly string[];
  /** How many bytes between them are left out. */
  readonly leftOut: number;
}

/** Of what is shown of a long log, the part that is from its beginning: most causes are at its end. */
const HEAD_SHARE = 0.25;

function readAt(fd: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const more = readSync(fd, bytes, read, length - read, from + read);
    if (more === 0) break;
    read += more;
  }
  return bytes.subarray(0, read);
}

const linesOf = (text: string): string[] => {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};

function excerptOf(fd: number, limit: number): Excerpt {
  const { size } = fstatSync(fd);
  if (size <= limit) return { head: linesOf(readAt(fd, 0, size).toString()), tail: [], leftOut: 0 };
  const atHead = Math.floor(limit * HEAD_SHARE);
  const atTail = limit - atHead;
  const first = readAt(fd, 0, atHead);
  const last = readAt(fd, size - atTail, atTail);
  // Lines are not cut, unless one is longer than all that is shown.
  const end = first.lastIndexOf('\n') + 1 || first.length;
  const start = last.indexOf('\n') + 1;
  return {
    head: linesOf(first.subarray(0, end).toString()),
    tail: linesOf(last.subarray(start === last.length ? 0 : start).toString()),
    leftOut: size - end - (last.length - (start === last.length ? 0 : start)),
  };
}

/**
 * @param folder of the logs of the run: nothing else is read, whatever an event names
 * @param file its path, of which the name counts
 * @param limit in bytes: how much of it is shown
 * @returns undefined if there is no such log
 */
export function readExcerpt(folder: string, file: string, limit: number): Excerpt | undefined {
  let fd: number | undefined;
  try {
    // A link, or a pipe that nobody writes to, may have been put in its place.
    fd = openSync(
      join(folder, basename(file)),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    return fstatSync(fd).isFile() ? excerptOf(fd, limit) : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
