/** PostgreSQL, for tests: whether it is there, and which processes are those of a database. */
import { readdirSync, readlinkSync } from 'node:fs';
import { findProgram } from '../../src/files/find-program.ts';

const HOME = '/usr/lib/postgresql';

/** Debian puts its programs where no PATH leads, by version. */
function debian(): string[] {
  try {
    return readdirSync(HOME).map((version) => `${HOME}/${version}/bin`);
  } catch {
    return [];
  }
}

const PATH = [process.env.PATH, ...debian()].join(':');

/** Why no PostgreSQL can be started; undefined if one can. */
export function withoutPostgres(): string | undefined {
  const isThere = ['initdb', 'postgres'].every((name) => findProgram(name, PATH) !== undefined);
  return isThere ? undefined : 'PostgreSQL is not installed: apt-get install postgresql';
}

/** The processes of a database: each overwrites its command line and its environment, and works in the folder of the data. */
export function processesIn(folder: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    try {
      return Number.isInteger(pid) && readlinkSync(`/proc/${name}/cwd`).startsWith(folder) ? [pid] : [];
    } catch {
      return [];
    }
  });
}
