/** What the watchdog becomes when Shakedown has died: `node reaper.js RUN_FOLDER`. */
import type { Ms } from '../../domain/units.ts';
import { readUnfinishedRun } from './run-directory.ts';
import { sweepRun } from './sweep.ts';

/** The runner is dead already, and three seconds is all that anybody should have to wait. */
const GRACE = 1000 as Ms;

/** What was killed may have been about to start a daemon. */
const QUIET = 500 as Ms;

const path = process.argv[2];
if (path === undefined) throw new Error('usage: reaper RUN_FOLDER');
const run = readUnfinishedRun(path);
if (run !== undefined && !run.alive) await sweepRun(run, GRACE, { quiet: QUIET });
