/** Which process it is that phones home: within a PID namespace it knows itself by another number than we do. */
import { readdirSync, readFileSync } from 'node:fs';
import { readProcess } from '../../src/process/system/proc.ts';

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** The numbers of a process, from the outermost namespace that we see to its own. */
const numbersOf = (pid: number): number[] =>
  (/^NSpid:\s+(.*)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? '').split(/\s+/).map(Number);

/**
 * @param inner the pid by which the process knows itself
 * @param words that stand in its command line, and in no other process's with that pid
 * @returns its pid as we see it; the inner one when it has gone already
 */
export function outerPid(inner: number, words: readonly string[]): number {
  const isIt = (pid: number): boolean => {
    const line = read(`/proc/${pid}/cmdline`).split('\0');
    return words.every((word) => line.includes(word)) && numbersOf(pid).at(-1) === inner;
  };
  if (isIt(inner)) return inner;
  return (
    readdirSync('/proc')
      .map(Number)
      .find((pid) => Number.isInteger(pid) && isIt(pid)) ?? inner
  );
}

/** The run of the real program that a process descends from. */
export function runnerOf(pid: number): number {
  const parent = readProcess(pid)?.parent;
  if (parent === undefined || parent <= 1) throw new Error('no run is above this process');
  return read(`/proc/${parent}/cmdline`).includes('/dist/cli.js') ? parent : runnerOf(parent);
}
