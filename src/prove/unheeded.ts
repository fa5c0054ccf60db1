/** What a check has said about a fault although it passed: many a script prints that something is wrong, and exits with 0. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { complaint } from '../core/headline.ts';
import { startOf } from '../core/shorten.ts';
import type { Fault, TrialRecord } from '../kinds/sabotage.ts';

/** How much of the end of a log is looked at, in bytes. */
const MOST = 64 * 1024;
/** How much of a line is shown, in characters. */
const LONGEST = 120;

const SPEAKER = /^==> (.+) <==$/;

type Heard = Pick<TrialRecord, 'events'>;

/** The last lines of the log of a trial, without those of services. */
function linesOf({ events }: Heard): string[] {
  const started = events.findLast((event) => event.type === 'component-started');
  if (started?.type !== 'component-started' || started.logFile === null) return [];
  const services = events.flatMap((event) => (event.type === 'service-ready' ? event.service : []));
  let isOfService = false;
  return endOf(started.logFile).filter((line) => {
    const speaker = SPEAKER.exec(line)?.[1];
    if (speaker !== undefined) isOfService = services.includes(speaker);
    return speaker === undefined && !isOfService;
  });
}

function endOf(path: string): string[] {
  try {
    const file = openSync(path, 'r');
    try {
      const from = Math.max(0, fstatSync(file).size - MOST);
      const bytes = Buffer.alloc(MOST);
      const length = readSync(file, bytes, 0, MOST, from);
      return bytes.toString('utf8', 0, length).split('\n');
    } finally {
      closeSync(file);
    }
  } catch {
    // The folder of the run is gone, or the disk was full.
    return [];
  }
}

/**
 * @param trial one that the component has passed, although it should not
 * @param control of the same component, whose words say nothing about a fault
 * @returns what to do about it
 */
export function adviceAfter({ advice }: Pick<Fault, 'advice'>, trial: Heard, control: Heard): string {
  const usual = new Set(linesOf(control));
  const said = complaint(linesOf(trial).filter((line) => !usual.has(line)));
  if (said === undefined) return advice;
  const shown = said.length <= LONGEST ? said : `${startOf(said, LONGEST)}…`;
  return `it printed "${shown}", and passed all the same: have it exit with another code than 0 where a check fails`;
}
