/** Which past run is meant. */
import { existsSync, readlinkSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { type PastRunFolder, runFolders } from '../../store/earlier-runs.ts';
import { isOurs } from '../../store/ours.ts';
import { journalPath } from '../../store/run-directory.ts';
import { knownStates } from '../../store/state-folder.ts';

/** A run whose events are on disk. */
export interface PastEvents {
  readonly file: string;
  /** For people. */
  readonly name: string;
  /** The folder of the run, with its logs; null where there are events alone. */
  readonly folder: string | null;
  /** Whether nobody else can have put anything into that folder. */
  readonly isTrusted: boolean;
}

/** How many are named to those who look for one. */
const FEW = 5;

/** Of the project, oldest first; not those of a test or a script. */
export const runsOf = (root: string): PastRunFolder[] =>
  knownStates(root)
    .states.flatMap(runFolders)
    .filter(({ purpose }) => purpose !== 'service')
    .sort((a, b) => (a.run < b.run ? -1 : 1));

const ofFolder = ({ run, path }: PastRunFolder): PastEvents => ({
  ...{ file: journalPath(path), name: `run ${run}`, folder: path, isTrusted: true },
});

/** A run within another one is later than that, and nobody looks for it: the link knows which is meant. */
function latestOf(root: string, runs: readonly PastRunFolder[]): PastRunFolder | undefined {
  const named = knownStates(root).states.flatMap(({ path }) => {
    try {
      return basename(readlinkSync(join(path, 'latest')));
    } catch {
      return [];
    }
  });
  return runs.findLast(({ run }) => named.includes(run)) ?? runs.at(-1);
}

function atPath(path: string): Result<PastEvents, Diagnostic[]> {
  if (!statSync(path).isDirectory()) return ok({ file: path, name: path, folder: null, isTrusted: false });
  const file = journalPath(path);
  if (existsSync(file))
    return ok({ file, name: `run ${basename(path)}`, folder: path, isTrusted: isOurs(path) });
  return err([
    {
      message: `${path} is not the folder of a run: it has no journal.ndjson`,
      hint: 'the folders of runs are in .shakedown/runs',
    },
  ]);
}

const latestFew = (runs: readonly PastRunFolder[]): string => {
  const names = runs.slice(-FEW).map(({ run }) => run);
  return `the latest ${names.length === 1 ? 'is' : 'are'} ${names.reverse().join(', ')}`;
};

function noRuns(root: string): Diagnostic {
  const [refused] = knownStates(root).refused;
  return refused === undefined
    ? {
        message: `no run of ${root} has been kept`,
        hint: 'run something first, or name the folder of a run or a file of events; if its config is in another folder: --config FILE',
      }
    : { message: `no run of ${root} can be read: ${refused.message}`, hint: refused.wayOut };
}

/**
 * @param wanted the id of a run or its beginning, the path of its folder, or a file of events; default: the latest
 * @param root of the project
 */
export function findEvents(
  wanted: string | undefined,
  root: string,
  cwd: string,
): Result<PastEvents, Diagnostic[]> {
  const path = resolve(cwd, wanted ?? '');
  if (wanted !== undefined && existsSync(path)) return atPath(path);
  const runs = runsOf(root);
  const latest = latestOf(root, runs);
  if (latest === undefined) return err([noRuns(root)]);
  if (wanted === undefined || wanted === 'latest') return ok(ofFolder(latest));
  const meant = runs.filter(({ run }) => run.startsWith(wanted));
  const [only, ...others] = meant;
  if (only !== undefined && others.length === 0) return ok(ofFolder(only));
  return err([
    only === undefined
      ? { message: `there is neither a run nor a file "${wanted}"`, hint: latestFew(runs) }
      : { message: `${meant.length} runs begin with "${wanted}"`, hint: latestFew(meant) },
  ]);
}
