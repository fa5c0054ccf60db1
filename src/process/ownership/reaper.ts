/** The watchdog execs this when Shakedown has died: `node reaper.js FACTS`. */
import { Clock } from '../../core/clock.ts';
import type { Ms } from '../../core/units.ts';
import { journalledProcesses, type UnfinishedRun, unfinishedRun } from '../../store/earlier-runs.ts';
import type { RunDirectory } from '../../store/run-directory.ts';
import { sweepRun } from './sweep.ts';

/** The runner is dead already, and nobody should have to wait longer than three seconds. */
const GRACE = 1000 as Ms;

/** In milliseconds. A process that was killed may have been about to start a daemon. */
const QUIET = 500 as Ms;

/** The journal, which the watchdog opened at its start: the path may be gone by now. */
const JOURNAL = '/proc/self/fd/3';

/** What is to be undone: likewise. */
const UNDOS = '/proc/self/fd/4';

const facts = process.argv[2];
if (facts === undefined) throw new Error('usage: reaper FACTS');
/** `isThread`: the runner was a thread of a process that may well go on, and is not to be ended itself. */
type Facts = Pick<RunDirectory, 'path' | 'runner'> & { readonly isThread: boolean };

const { path, runner, isThread } = JSON.parse(facts) as Facts;
const left = unfinishedRun(runner, path);
// A thread holds the other end of the watchdog's pipe for as long as it lives.
const run: UnfinishedRun = isThread ? { ...left, life: 'dead', notBefore: left.notBefore + 1 } : left;
const options = { quiet: QUIET, started: journalledProcesses(JOURNAL), undos: UNDOS };
if (run.life === 'dead') await sweepRun(run, GRACE, new Clock(), options);
