/** Which install scripts npm has run, and which of them had not ended: one that waits for a download says nothing itself. */
import { existsSync, readFileSync } from 'node:fs';
import type { ConsumerFailure } from './failure.ts';

/** How many packages are named. */
const NAMED = 3;
/** `begun esbuild postinstall` or `ended …`, as the shell of install scripts writes it. */
const LINE = /^(begun|ended) (\S+) (\S+)$/;

/**
 * @param record absolute path of what the shell has written
 * @returns `the postinstall script of esbuild` for each that has begun and not ended
 */
export function scriptsUnderWay(record: string): string[] {
  if (!existsSync(record)) return [];
  const open = new Set<string>();
  for (const line of readFileSync(record, 'utf8').split('\n')) {
    const [, what, name, script] = LINE.exec(line) ?? [];
    if (name === undefined || script === undefined) continue;
    const told = `the ${script} script of ${name}`;
    if (what === 'begun') open.add(told);
    else open.delete(told);
  }
  return [...open];
}

/** `: npm was waiting for a@1.0.0, b and 3 more` */
function npmAwaits(packages: readonly string[]): string {
  if (packages.length === 0) return '';
  const more = packages.length - NAMED;
  const names = packages.slice(0, NAMED).join(', ');
  return `: npm was waiting for ${names}${more > 0 ? ` and ${more} more` : ''}`;
}

/**
 * Says what an installation that was stopped, as at its time limit, was waiting for.
 *
 * @param awaited the packages that npm itself was waiting for, if no script was running
 */
export function explainStopped(
  failure: ConsumerFailure,
  record: string,
  awaited: readonly string[],
): ConsumerFailure {
  if (failure.blame !== 'stopped') return failure;
  const waiting = scriptsUnderWay(record);
  if (waiting.length === 0)
    return {
      ...failure,
      message: `${failure.message}${npmAwaits(awaited)}`,
      hint: 'no install script was running: npm itself was, and may have waited for a download',
    };
  return {
    ...failure,
    message: `${failure.message}: ${waiting.join(' and ')} had not ended`,
    hint: 'a script that downloads something needs a time limit of its own, and should say what it waits for',
  };
}
