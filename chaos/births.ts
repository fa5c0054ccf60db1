/** What processes say of themselves at birth: one line each in the file `births`. See behaviours/born.py. */
import { readFileSync } from 'node:fs';
import { type Id, innerPid, type Stat, sameId } from './proc.ts';

export interface Birth {
  readonly role: string;
  /** The pid as the process saw it, perhaps within a namespace. */
  readonly id: Id;
}

export function parseBirths(text: string): Birth[] {
  return text.split('\n').flatMap((line) => {
    const [, role, pid, startTicks] = /^(\S+) (\d+) (\d+)$/.exec(line) ?? [];
    if (role === undefined) return [];
    return [{ role, id: { pid: Number(pid), startTicks: Number(startTicks) } }];
  });
}

export function readBirths(file: string): Birth[] {
  return parseBirths(readFileSync(file, 'utf8'));
}

/** Those of a process table that are among the births. */
export function bornAmong(table: readonly Stat[], births: readonly Birth[]): Stat[] {
  const ids = new Set(births.map(({ id }) => sameId(id)));
  const times = new Set(births.map(({ id }) => id.startTicks));
  return table.filter(
    ({ pid, startTicks }) => times.has(startTicks) && ids.has(sameId({ pid: innerPid(pid), startTicks })),
  );
}
