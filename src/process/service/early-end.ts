/** Why a service ended before it was ready, told with its own last words. */
import type { Finding, ProcessSighting } from '../../core/finding.ts';
import { firstError } from '../../core/first-error.ts';
import { errorLine, headline } from '../../core/headline.ts';
import { lastWords } from '../../core/last-words.ts';
import { type Command, showCommand } from '../../core/suite.ts';
import type { Ms } from '../../core/units.ts';
import type { OutputScanner } from '../output/scanner.ts';
import { runOwned } from '../run-owned.ts';
import { describeExit } from '../system/exit.ts';
import { hintForEnd } from './end-hints.ts';
import { beside, type StartParts, withPort } from './start-parts.ts';
import { mannerOf } from './stop.ts';
import { DISCARDED } from './unheard.ts';

const SEARCHED_LINES = 400;
/** In milliseconds: how long a daemon that died may run again, in the foreground, to show why. */
const SHORTEST_REHEARSAL = 3000;
const LONGEST_REHEARSAL = 15_000;
const REHEARSAL_GRACE = 500 as Ms;

/**
 * Explains the end by the service's own output. A daemon's output is gone, so it is run once more, in the foreground.
 *
 * @param left what it started that was still running after its end
 * @param fate how it ended, if more is known of that than its exit code
 */
export async function explainEarlyEnd(
  parts: StartParts,
  left: readonly ProcessSighting[],
  fate?: string,
): Promise<Finding> {
  const { spec, context, root, scanner, port } = parts;
  const exit = root.exit();
  const wentWell = spec.daemon && exit?.code === 0;
  const how = fate ?? (exit === undefined || wentWell ? 'ended' : describeExit(exit));
  const foreground = wentWell && !context.signal.aborted ? spec.foreground : null;
  const rehearsal = foreground === null ? undefined : await rehearse(foreground, parts);
  const spoken = rehearsal?.type === 'ended' ? rehearsal.scanner : scanner;
  const lines = spoken.tail(SEARCHED_LINES);
  // The last lines of a launcher that succeeded say nothing about why its daemon ended, unless one of them is an error.
  const cause = wentWell && spoken === scanner ? errorLine(lines) : headline(lines);
  const waitedMs = context.clock.now() - parts.startedAt;
  const hint =
    foreground === null || rehearsal === undefined
      ? await hintForEnd({
          ...parts,
          ...{ exit: exit ?? null, lifeMs: root.lifeMs(), lines, left },
          isError: errorLine(lines) !== undefined,
        })
      : explainRehearsal(rehearsal, withPort(foreground, port));
  const unheard =
    wentWell && spec.foreground === null && cause === undefined
      ? `${DISCARDED}; give the command that runs it in the foreground, as in foreground: './server', and it is run so to show why it ended`
      : undefined;
  return {
    code: 'not-ready',
    step: spec.name,
    message: `${spec.name} ${how} before it was ready${cause === undefined ? '' : `: ${cause}`}`,
    evidence: lastWords(parts.exchanges.withoutOurs(lines), firstError(lines) ?? cause),
    waitedMs,
    ...withHint(hint ?? unheard),
  };
}

const withHint = (hint: string | undefined): { hint?: string } => (hint === undefined ? {} : { hint });

function explainRehearsal(rehearsal: Rehearsal, command: Command): string {
  const shown = showCommand(command);
  switch (rehearsal.type) {
    case 'ended':
      return `${DISCARDED}; these lines are from running it again in the foreground: ${shown}`;
    case 'stayed-up':
      return `run again in the foreground (${shown}) it stayed up: check how it puts itself into the background`;
    case 'not-started':
      return `${DISCARDED}, and it could not be started in the foreground: ${rehearsal.why}`;
  }
}

/** The outcome of running a daemon again in the foreground. */
type Rehearsal =
  | { readonly type: 'ended'; readonly scanner: OutputScanner }
  | { readonly type: 'stayed-up' }
  | { readonly type: 'not-started'; readonly why: string };

/**
 * @param tookMs how long the daemon took to end; it gets more than that, since a machine that was slow once may be again
 * @returns milliseconds
 */
export const rehearsalTime = (tookMs: number): number =>
  Math.min(LONGEST_REHEARSAL, Math.max(SHORTEST_REHEARSAL, 3 * tookMs));

async function rehearse(command: Command, parts: StartParts): Promise<Rehearsal> {
  const { spec, context, startedAt } = parts;
  const { clock, signal } = context;
  const aside = `${spec.name}, run again in the foreground`;
  const until = AbortSignal.any([signal, clock.timeout(rehearsalTime(clock.now() - startedAt))]);
  const manner = mannerOf(spec.stop);
  const what = beside(parts, command, 'foreground', aside);
  const run = await runOwned(what, { until, grace: REHEARSAL_GRACE, manner }, context);
  if (!run.ok) return { type: 'not-started', why: run.error.message };
  const { exit, scanner } = run.value;
  return exit === undefined ? { type: 'stayed-up' } : { type: 'ended', scanner };
}
