/** Reads what the processes that import modules have written. Code of the package runs in them: nothing is believed. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ImportEvent, ImportOutcome, PythonError } from './protocol.ts';

const MOST_READ = 256 * 1024;

/** The last part of a file; empty if it cannot be read. */
function endOfFile(path: string): string {
  try {
    const fd = openSync(path, 'r');
    try {
      const size = fstatSync(fd).size;
      const buffer = Buffer.alloc(Math.min(size, MOST_READ));
      readSync(fd, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString('utf8');
    } finally {
      closeSync(fd);
    }
  } catch {
    return '';
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

function errorOf(value: unknown): PythonError {
  const told = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return {
    type: text(told.type),
    module: text(told.module),
    message: text(told.message),
    name: textOrNull(told.name),
    path: textOrNull(told.path),
    files: texts(told.files),
    stack: texts(told.stack),
  };
}

/** @returns undefined if the process has said nothing */
export function readOutcome(path: string): ImportOutcome | undefined {
  const told = parsed(endOfFile(path));
  if (told === undefined) return undefined;
  if (told.type === 'threw') return { type: 'threw', error: errorOf(told.error) };
  return { type: told.type === 'lacks' ? 'lacks' : 'imported' };
}

/** The last lines that a process has printed. */
export const readPrinted = (path: string, most: number): string[] =>
  endOfFile(path).trimEnd().split('\n').slice(-most);

export function readEvents(path: string): ImportEvent[] {
  return endOfFile(path)
    .split('\n')
    .flatMap((line): ImportEvent[] => {
      const { type, index, code, signal } = parsed(line) ?? {};
      if (typeof index !== 'number') return [];
      if (type === 'begun' || type === 'loaded') return [{ type, index }];
      return type === 'ended' && typeof code === 'number' && typeof signal === 'number'
        ? [{ type, index, code, signal }]
        : [];
    });
}
