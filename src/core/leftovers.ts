/** Findings about processes that should be gone. */
import { nameFew } from './few.ts';
import { type Finding, type ProcessSighting, type Sightings, showProcess } from './finding.ts';
import { narrowName } from './narrow-name.ts';
import type { Suite } from './suite.ts';
import { plural } from './units.ts';

/** How many are named in a sentence, and how many are listed; the rest are counted. */
const NAMED = 5;
const SHOWN = 20;

/** Why a process could not be ended. */
export type Obstacle = 'not-permitted' | 'stuck';

/** A process that survived SIGKILL. */
export interface Survivor extends ProcessSighting {
  readonly obstacle: Obstacle;
}

/** Whether a helper may be left running: its command line contains one of the texts. */
export const mayBeLeft = (command: string, leave: readonly string[]): boolean =>
  leave.some((text) => command.includes(text));

/** `node a.js (pid 1), node b.js (pid 2) and 1,998 more` */
export function showProcesses(processes: readonly ProcessSighting[]): string {
  return nameFew(processes.map(showProcess), processes.length === NAMED + 1 ? NAMED + 1 : NAMED);
}

/** A finding's processes: the first few, and the total. */
export function sightings(processes: readonly ProcessSighting[]): Sightings {
  const shown = processes.slice(0, SHOWN).map(({ pid, command, ageMs }) => ({ pid, command, ageMs }));
  return { processes: shown, count: processes.length };
}

const stepOf = (step: string | undefined): { step?: string } => (step === undefined ? {} : { step });

/** What the suite of whoever leaves something comes from; none for steps of a setup and the like, which may leave nothing. */
export type LeaverSource = Suite['source']['type'] | 'none';

const FOR_SCRIPTS = 'a script must stop, or wait for, what it starts';
const FOR_PACKAGES =
  'loading a package, or asking a program for its help, must leave nothing running: start such a helper when it is needed, and end it with the program';

/** Where `leave` can be written. */
const PLACES: Readonly<Partial<Record<LeaverSource, string>>> = {
  config: 'in the config',
  convention: 'in a config, which `shakedown new` writes for these scripts',
};

/** How to allow a helper that is meant to outlive its command. */
function allowance([first]: readonly ProcessSighting[], source: LeaverSource): string {
  const name = first === undefined ? undefined : narrowName(first.command);
  const place = PLACES[source];
  return name === undefined || place === undefined
    ? ''
    : `; if it is a helper that is meant to outlive it, allow it with leave: [${JSON.stringify(name)}] ${place}`;
}

function adviceTo(source: LeaverSource, processes: readonly ProcessSighting[]): string {
  return source === 'package' ? FOR_PACKAGES : `${FOR_SCRIPTS}${allowance(processes, source)}`;
}

/**
 * Reports processes that were left behind, and ended.
 *
 * @param name of the component or step that left them
 * @param processes empty: something lived that no scan has shown
 */
export function leftBehind(
  name: string,
  processes: readonly ProcessSighting[],
  source: LeaverSource,
  step?: string,
): Finding {
  const what =
    processes.length === 0
      ? 'a process running that forks faster than it can be seen'
      : `${plural(processes.length, 'process', 'processes')} behind: ${showProcesses(processes)}`;
  return {
    code: 'leaked-process',
    ...stepOf(step),
    message: `${name} has ended and left ${what}`,
    hint: `they were stopped; ${adviceTo(source, processes)}`,
    ...sightings(processes),
  };
}

/** Why one, or several, could not be ended. */
const OBSTACLES = {
  'not-permitted': ['because it runs as another user', 'because they run as other users'],
  stuck: [
    'because the kernel does not let it go: it is frozen, or waiting for a device',
    'because the kernel does not let them go: they are frozen, or waiting for a device',
  ],
} as const satisfies Record<Obstacle, readonly [string, string]>;

/** What could not be ended and is still running: one finding per reason. */
export function notEnded(name: string, survivors: readonly Survivor[], step?: string): Finding[] {
  return (Object.keys(OBSTACLES) as Obstacle[]).flatMap((obstacle): Finding[] => {
    const those = survivors.filter((survivor) => survivor.obstacle === obstacle);
    if (those.length === 0) return [];
    const them = plural(those.length, 'process', 'processes');
    const pids = those.slice(0, NAMED).map(({ pid }) => pid);
    return [
      {
        code: 'leaked-process',
        ...stepOf(step),
        message: `${name} left ${them} that could not be stopped, ${OBSTACLES[obstacle][those.length === 1 ? 0 : 1]}: ${showProcesses(those)}`,
        hint:
          obstacle === 'not-permitted'
            ? `still running; what sudo or a setuid program starts must be stopped where it was started; now stop it by hand: sudo kill ${pids.join(' ')}`
            : 'still running, until the kernel lets it go',
        ...sightings(those),
      },
    ];
  });
}
