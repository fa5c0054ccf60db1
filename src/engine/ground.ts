/** What stands under everything that is started: the folder of the run, the watchdog, the pipes. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MachineTrouble } from '../domain/failure.ts';
import type { Finding } from '../domain/finding.ts';
import { makeFolder } from '../files/make-folder.ts';
import { PipeSource } from '../process/output/pipe-source.ts';
import { newRunId, RunDirectory } from '../process/ownership/run-directory.ts';
import { setWatchdog, type Watchdog } from '../process/ownership/watchdog.ts';
import type { RunHost } from './run-context.ts';

export interface Ground {
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
export function prepareGround(
  root: string,
  startedAt: Date,
  { reaper, tier }: Pick<RunHost, 'reaper' | 'tier'>,
): Ground {
  const { directory, note } = openDirectory(root, newRunId(startedAt, process.pid), tier.trace ?? null);
  const watchdog = setWatchdog(reaper, directory);
  const pipes = new PipeSource(directory.leases);
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
    return { directory: RunDirectory.create(root, run, group), note: [] };
  } catch (error) {
    const directory = RunDirectory.create(makeElsewhere(root), run, group);
    const message = `${join(root, '.shakedown')} cannot be written (${(error as Error).message}); logs are in ${directory.path}`;
    return { directory, note: [{ code: 'log-incomplete', message }] };
  }
}

/** @throws with what to do when nothing can be written there either */
function makeElsewhere(root: string): string {
  try {
    makeFolder(tmpdir());
    return mkdtempSync(join(tmpdir(), 'shakedown-'));
  } catch (error) {
    throw new MachineTrouble(
      `neither ${join(root, '.shakedown')} nor a temporary folder can be written: ${(error as Error).message}`,
      'set TMPDIR to a folder that you may write to, or make room',
    );
  }
}
