/** The events of a past run, from its journal or from a file of `--report ndjson`. Whatever is in it is not believed. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Stamped } from '../../core/event.ts';
import { isEventType } from '../../report/state.ts';
import { eventIn } from '../../store/journal.ts';

const CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;
/** In bytes. No event is as long. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** A line, or that it is too long to be one. */
interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string | undefined;
  /** Whether it ends as a line does: that of a killed run may not. */
  readonly isWhole: boolean;
}

function* linesOf(fd: number): Generator<Line> {
  let rest: Buffer[] = [];
  let length = 0;
  let number = 0;
  const take = (end: Buffer, isWhole: boolean): Line => {
    number += 1;
    const text = length + end.length > LONGEST_LINE ? undefined : Buffer.concat([...rest, end]).toString();
    rest = [];
    length = 0;
    return { number, text, isWhole };
  };
  for (;;) {
    const bytes = Buffer.alloc(CHUNK);
    const chunk = bytes.subarray(0, readSync(fd, bytes, 0, CHUNK, null));
    if (chunk.length === 0) break;
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
      yield take(chunk.subarray(start, at), true);
      start = at + 1;
    }
    length += chunk.length - start;
    if (length > LONGEST_LINE) rest = [];
    else rest.push(chunk.subarray(start));
  }
  if (length > 0) yield take(Buffer.alloc(0), false);
}

/** @returns undefined for what is no event that this version knows */
function knownEventIn(text: string): Stamped | undefined {
  const event = eventIn(text);
  return event !== undefined && isEventType(event.type) ? event : undefined;
}

export interface Replayed {
  /** How many events there were. */
  readonly count: number;
  /** The numbers of the lines that are no events. */
  readonly damaged: readonly number[];
}

/** @throws the file system's error when it cannot be read */
function reading<T>(file: string, read: (lines: Iterable<Line>) => T): T {
  // Nobody may ever write to a pipe that somebody has put there.
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) throw new Error('it is not a file');
    return read(linesOf(fd));
  } finally {
    closeSync(fd);
  }
}

/**
 * Whether there is any event in a file.
 *
 * @throws the file system's error when it cannot be read
 */
export const hasEvents = (file: string): boolean =>
  reading(file, (lines) => {
    for (const { text } of lines) if (text !== undefined && knownEventIn(text) !== undefined) return true;
    return false;
  });

/**
 * Hands on what has happened, in order.
 *
 * @param take throws at what is an event by its name only, which then counts as damaged
 * @returns the numbers of the lines that are no events
 * @throws the file system's error when it cannot be read
 */
export const replay = (file: string, take: (event: Stamped) => void): number[] =>
  reading(file, (lines) => {
    const damaged: number[] = [];
    for (const { number, text, isWhole } of lines) {
      const event = text === undefined ? undefined : knownEventIn(text);
      try {
        if (event !== undefined) take(event);
        else if (isWhole && text?.trim() !== '') damaged.push(number);
      } catch {
        damaged.push(number);
      }
    }
    return damaged;
  });
