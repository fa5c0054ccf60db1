/** What stands under everything that is started: the folder of the run, the watchdog, the pipes. */
import { join } from 'node:path';
import { MachineTrouble } from '../core/failure.ts';
import type { Finding } from '../core/finding.ts';
import { PipeSource } from '../process/output/pipe-source.ts';
import { setWatchdog, type Watchdog } from '../process/ownership/watchdog.ts';
import { NotOurs } from '../store/ours.ts';
import { newRunId, RunDirectory } from '../store/run-directory.ts';
import { inState } from '../store/state-folder.ts';
import type { RunHost } from './run-context.ts';

export interface RunSetup {
  readonly directory: RunDirectory;
  readonly pipes: PipeSource;
  /** Undefined where nobody could be found by it. */
  readonly watchdog: Watchdog | undefined;
  /** That the folder is not where it is looked for, if so. */
  readonly note: readonly Finding[];
  /** Nothing that was started lives any more. */
  readonly close: () => Promise<void>;
}

/**
 * @param root absolute path of the folder that `.shakedown/` is kept in
 * @throws when not even a temporary folder can be written to
 */
export function setUpRun(
  root: string,
  startedAt: Date,
  { reaper, tier }: Pick<RunHost, 'reaper' | 'tier'>,
): RunSetup {
  const { directory, note } = openDirectory(root, newRunId(startedAt, process.pid), tier.trace ?? null);
  const watchdog = setWatchdog(reaper, directory);
  const pipes = new PipeSource(directory.leases, [directory.signDraft]);
  void pipes.canMake.then((can) => can && directory.showLife());
  const close = async (): Promise<void> => {
    await pipes.close();
    directory.finish();
    await watchdog?.dismiss();
  };
  return { directory, pipes, watchdog, note, close };
}

/** A project that cannot be written to is tried all the same, with its logs elsewhere. */
function openDirectory(
  root: string,
  run: string,
  group: string | null,
): { directory: RunDirectory; note: Finding[] } {
  try {
    const { value, elsewhere } = inState(root, (state) => RunDirectory.create(state, run, group));
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
