/** What every process of a run needs: the run's folder, the watchdog, the pipes. */
import { join } from 'node:path';
import { MachineTrouble } from '../core/failure.ts';
import type { Finding } from '../core/finding.ts';
import { PipeSource } from '../process/output/pipe-source.ts';
import { setWatchdog, type Watchdog } from '../process/ownership/watchdog.ts';
import { NotOurs } from '../store/ours.ts';
import { newRunId, RunDirectory, type RunPurpose } from '../store/run-directory.ts';
import { inState } from '../store/state-folder.ts';
import type { RunHost } from './run-context.ts';

export interface RunSetup {
  readonly directory: RunDirectory;
  readonly pipes: PipeSource;
  /** Undefined where there is no process table to search. */
  readonly watchdog: Watchdog | undefined;
  /** Says so when the folder is not in its usual place. */
  readonly note: readonly Finding[];
  /** To be called when nothing that was started is alive; says whether nothing is left to undo. */
  readonly close: (isUndone: boolean) => Promise<void>;
}

/**
 * @param root absolute path of the folder that contains `.shakedown/`
 * @throws when not even a temporary folder is writable
 */
export function setUpRun(
  root: string,
  startedAt: Date,
  { reaper, tier, purpose }: Pick<RunHost, 'reaper' | 'tier' | 'purpose'>,
): RunSetup {
  const run = newRunId(startedAt, process.pid);
  const { directory, note } = openDirectory(root, run, tier.trace ?? null, purpose);
  const watchdog = setWatchdog(reaper, directory);
  const pipes = new PipeSource(directory.leases, [directory.signDraft]);
  void pipes.canMake.then((can) => can && directory.showLife());
  const close = async (isUndone: boolean): Promise<void> => {
    await pipes.close();
    directory.finish(isUndone);
    await watchdog?.dismiss();
  };
  return { directory, pipes, watchdog, note, close };
}

/** A read-only project can run as well, with its logs elsewhere. */
function openDirectory(
  root: string,
  run: string,
  group: string | null,
  purpose?: RunPurpose,
): { directory: RunDirectory; note: Finding[] } {
  try {
    const { value, elsewhere } = inState(root, (state) => RunDirectory.create(state, run, group, purpose));
    return { directory: value, note: elsewhere === null ? [] : [notHere(root, elsewhere, value.path)] };
  } catch (error) {
    throw new MachineTrouble(
      `neither ${join(root, '.shakedown')} nor a folder elsewhere can be written: ${(error as Error).message}`,
      'set TMPDIR to a folder you can write to, or free some space',
    );
  }
}

function notHere(root: string, because: Error, path: string): Finding {
  if (because instanceof NotOurs)
    return {
      code: 'not-believed',
      message: `${because.message}: nothing in it is used, and logs are in ${path}`,
      hint: because.wayOut,
    };
  const message = `${join(root, '.shakedown')} cannot be written (${because.message}); logs are in ${path}`;
  return { code: 'log-incomplete', message };
}
