/** What a component may do to get away. The programs are in `behaviours/`. */
import { join } from 'node:path';
import type { Difficulty } from './claims.ts';
import type { Box } from './containers.ts';
import type { Proof } from './proofs.ts';

/** Where a behaviour runs. */
export interface Site {
  /** Its working folder: holds `marker`, `births` and the pipe `go`. */
  readonly folder: string;
  /** For those that listen; nobody else's. */
  readonly port: number;
}

export interface Behaviour {
  readonly name: string;
  /** How many processes say that they were born. */
  readonly births: number;
  /** Program and arguments. */
  readonly command: (site: Site) => readonly string[];
  /** Whether its processes stay the same ones while nobody touches them. */
  readonly isSteady: boolean;
  readonly difficulty?: Difficulty;
  /** For the real ones, which know nothing of births. */
  readonly daemon?: Daemon;
  /** Among its processes is one that Shakedown may not end, whatever the tier. */
  readonly unendable?: Unendable;
  /** It is not a command that a component runs: `shakedown prove` proves a component. */
  readonly proof?: Proof;
  /** It runs in a container, which is a service of the suite. */
  readonly box?: Box;
}

/** A process that only the harness can have end. It does not hold the pipe `life`. */
export interface Unendable {
  /** What it says that it is, at its birth. */
  readonly role: string;
  readonly prepare: (site: Site) => void;
  /** After that it ends, by itself or when it is killed. */
  readonly release: (site: Site) => void;
  /** Takes back what was prepared, when it has ended. */
  readonly remove: (site: Site) => void;
}

/** A real program that goes into the background. */
export interface Daemon {
  /** Writes its configuration and data into the site's folder. */
  readonly prepare: (site: Site) => void;
  /** Relative to the site's folder. */
  readonly pidFile: string;
}

const HERE = join(import.meta.dirname, 'behaviours');
export const programPath = (name: string): string => join(HERE, name);

/**
 * @param python path of the interpreter itself: a shim would be one more process
 */
export function behaviours(python: string): Behaviour[] {
  const script = (name: string): string[] => ['sh', programPath(name)];
  const py = (name: string, ...args: string[]): string[] => [python, '-S', '-B', programPath(name), ...args];
  const steady = (name: string, births: number, command: readonly string[]): Behaviour => ({
    name,
    births,
    command: () => command,
    isSteady: true,
  });
  const restless = (name: string, births: number, command: readonly string[]): Behaviour => ({
    name,
    births,
    command: () => command,
    isSteady: false,
    difficulty: 'forking',
  });
  return [
    steady('child', 1, script('child.sh')),
    steady('daemon-closed', 1, py('daemon.py', '--close')),
    steady('daemon-empty-env', 1, ['env', '-i', ...py('daemon.py')]),
    { ...steady('all-marks-gone', 1, ['env', '-i', ...py('daemon.py', '--close')]), difficulty: 'unmarked' },
    steady('undumpable', 1, ['env', '-i', ...py('daemon.py', '--close', '--undumpable')]),
    steady('title', 1, py('title.py')),
    steady('stubborn', 1, script('stubborn.sh')),
    steady('stopped', 1, script('stopped.sh')),
    { ...steady('respawner', 2, py('respawner.py')), difficulty: 'forking' },
    restless('hopper', 3, py('hopper.py')),
    restless('mover', 3, py('mover.py')),
    steady('outliver', 1, [process.execPath, programPath('outliver.mjs'), ...script('child.sh')]),
    steady('flood', 1, py('flood.py')),
    steady('tree', 50, py('tree.py')),
  ];
}
