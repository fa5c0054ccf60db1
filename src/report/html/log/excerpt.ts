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
  // Lines are not cut, unless one is longer than all that is shown. An ellipsis has `Secrets.conceal` mask what may be
  // left of a secret there.
  const end = first.lastIndexOf('\n') + 1;
  const next = last.indexOf('\n') + 1;
  const start = next === last.length ? 0 : next;
  const [head, tail] = [first.subarray(0, end || first.length), last.subarray(start)];
  return {
    head: linesOf(`${head.toString()}${end === 0 ? '…' : ''}`),
    tail: linesOf(`${start === 0 ? '…' : ''}${tail.toString()}`),
    leftOut: size - head.length - tail.length,
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
