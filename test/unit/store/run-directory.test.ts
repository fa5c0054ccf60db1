import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Stamped } from '../../../src/core/event.ts';
import { hasProcessTable } from '../../../src/process/system/proc.ts';
import { journalledProcesses, readUnfinishedRun, unfinishedRun } from '../../../src/store/earlier-runs.ts';
import { journalPath, RunDirectory } from '../../../src/store/run-directory.ts';
import { inState } from '../../../src/store/state-folder.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'run-directory-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const RUN = '20260105-024534-abcdef';
const create = (): RunDirectory => inState(root, (state) => RunDirectory.create(state, RUN)).value;
const isUnfinished = ({ path }: RunDirectory): boolean => readUnfinishedRun(dirname(path), RUN) !== undefined;

const started = (seq: number, pid: number): Stamped => ({
  type: 'process-started',
  component: 'thread',
  step: 'thread',
  pid,
  startTicks: pid * 10,
  command: 'thread',
  seq,
  elapsedMs: seq,
});

test.runIf(hasProcessTable)('a folder that was removed is made anew, with all that its journal held', () => {
  const directory = create();
  directory.journal(started(0, 1));
  for (const [seq, pid] of [
    [1, 2],
    [2, 3],
  ] as const) {
    rmSync(join(root, '.shakedown'), { recursive: true });
    directory.restore();
    directory.journal(started(seq, pid));
    const pids = journalledProcesses(journalPath(directory.path)).map((id) => id.pid);
    expect(isUnfinished(directory)).toBe(true);
    expect(pids.slice(-1)).toEqual([pid]);
    expect(pids[0]).toBe(1);
  }
  // The watchdog has the first one open.
  const first = readFileSync(`/proc/self/fd/${directory.journalFile}`, 'utf8');
  expect(first.trim().split('\n')).toHaveLength(3);
  directory.finish();
  expect(isUnfinished(directory)).toBe(false);
});

test('a folder that is whole, or whose project is gone, is left alone', () => {
  const directory = create();
  writeFileSync(join(directory.leases, 'thread'), 'kept');
  directory.restore();
  expect(readFileSync(join(directory.leases, 'thread'), 'utf8')).toBe('kept');
  rmSync(root, { recursive: true });
  directory.restore();
  expect(() => readFileSync(join(directory.path, 'runner.json'))).toThrow('ENOENT');
  expect(() => directory.openLease('thread')).toThrow('ENOENT');
  directory.finish();
});

test('what a reaper is told is enough when no file of the run is there', () => {
  const directory = create();
  directory.journal(started(0, 7));
  const copy = join(root, 'journal');
  writeFileSync(copy, readFileSync(journalPath(directory.path)));
  rmSync(join(root, '.shakedown'), { recursive: true });
  expect(unfinishedRun(directory.runner, directory.path)).toMatchObject({ run: RUN, life: 'alive' });
  expect(journalledProcesses(copy)).toEqual([{ pid: 7, startTicks: 70 }]);
  directory.finish();
});
