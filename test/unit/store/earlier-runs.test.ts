/** Only what is provably a run of ours is swept or removed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import { ms } from '../../../src/core/units.ts';
import { sweepRun } from '../../../src/process/ownership/sweep.ts';
import { isGroupOf } from '../../../src/process/ownership/tiers/cgroup.ts';
import { hasProcessTable, readProcess } from '../../../src/process/system/proc.ts';
import { pruneRuns, type UnfinishedRun, unfinishedRuns } from '../../../src/store/earlier-runs.ts';
import { whereabouts } from '../../../src/store/life.ts';
import { cookieName, isRunId, newRunId, RunDirectory, runsAround } from '../../../src/store/run-directory.ts';
import { makeState, type StateFolder } from '../../../src/store/state-folder.ts';

const isRoot = process.getuid?.() === 0;
const STRANGER = 54_321;
const DEAD = { pid: 4_194_305, startTicks: 1 };

let dir: string;
let state: StateFolder;
const children: ChildProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'earlier-'));
  state = { path: join(dir, 's'), runs: join(dir, 's/runs'), cache: join(dir, 's/cache') };
  makeState(state);
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(dir, { recursive: true, force: true });
});

const idOf = (number: number): string => `20260101-0000${String(number).padStart(2, '0')}-abcdef`;

/** A run that has finished. */
function finished(number: number): string {
  const path = join(state.runs, idOf(number));
  mkdirSync(join(path, 'logs'), { recursive: true, mode: 0o700 });
  writeFileSync(join(path, 'journal.ndjson'), '{}\n');
  return path;
}

/** A run that was killed. */
function killed(number: number, runner: object = {}): string {
  const path = finished(number);
  const facts = { run: idOf(number), ...DEAD, ...whereabouts(), group: null, ...runner };
  writeFileSync(join(path, 'runner.json'), JSON.stringify(facts));
  return path;
}

function sleeper(env: NodeJS.ProcessEnv = {}): ChildProcess & { readonly pid: number } {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env: { ...process.env, ...env } });
  children.push(child);
  return child as ChildProcess & { readonly pid: number };
}

const theOnly = (): UnfinishedRun => {
  const [run] = unfinishedRuns(state).unfinished;
  if (run === undefined) throw new Error('there is no unfinished run');
  return run;
};

test('the ids that are made are known as such', () => {
  for (const pid of [1, 4711, 4_194_304]) expect(isRunId(newRunId(new Date(), pid))).toBe(true);
  for (const name of ['thesis-01', '20260101', '..', '20260101-000000-x/../..', '20260101-000000-ABCDE'])
    expect(isRunId(name)).toBe(false);
});

describe('old runs', () => {
  test('are removed from the oldest on, and those that have not finished stay', () => {
    for (let number = 0; number < 8; number++) finished(number);
    killed(1);
    killed(7);
    expect(pruneRuns(state, 3)).toEqual({ removed: 3, left: 0 });
    expect(readdirSync(state.runs).sort()).toEqual([1, 4, 5, 6, 7].map(idOf));
  });

  test('are the only thing that is removed', () => {
    for (let number = 0; number < 4; number++) finished(number);
    mkdirSync(join(state.runs, 'thesis-01'));
    writeFileSync(join(state.runs, '20260101-000000-zzzzzz'), 'a file');
    mkdirSync(join(state.runs, '20260101-000000-nothing'));
    const precious = join(dir, 'precious');
    mkdirSync(precious);
    writeFileSync(join(precious, 'journal.ndjson'), 'a diary');
    symlinkSync(precious, join(state.runs, '20250101-000000-linked'));
    const open = join(state.runs, '20250101-000000-opened');
    mkdirSync(open);
    writeFileSync(join(open, 'journal.ndjson'), '');
    chmodSync(open, 0o777);
    const before = readdirSync(state.runs).length;
    expect(pruneRuns(state, 1)).toEqual({ removed: 3, left: 0 });
    expect(readdirSync(state.runs)).toHaveLength(before - 3);
    expect(readdirSync(precious)).toEqual(['journal.ndjson']);
  });

  test.runIf(isRoot)('of somebody else stay', () => {
    const [first = ''] = [0, 1, 2].map(finished);
    chownSync(first, STRANGER, STRANGER);
    expect(pruneRuns(state, 1).removed).toBe(1);
    expect(existsSync(first)).toBe(true);
  });

  test('are not removed, nor looked at, beyond the time that a start has for it; that is told', () => {
    for (let number = 0; number < 9; number++) finished(number);
    killed(3);
    expect(pruneRuns(state, 2, -1)).toEqual({ removed: 0, left: 7 });
    expect(unfinishedRuns(state, -1)).toEqual({ unfinished: [], refused: [], unseen: 9 });
    expect(readdirSync(state.runs)).toHaveLength(9);
  });
});

describe('an unfinished run', () => {
  test('of somebody else, or that is a link, is told of and not read', () => {
    const path = killed(1);
    chmodSync(path, 0o777);
    killed(2);
    rmSync(join(state.runs, idOf(2), 'runner.json'));
    symlinkSync(join(path, 'runner.json'), join(state.runs, idOf(2), 'runner.json'));
    const { unfinished, refused } = unfinishedRuns(state);
    expect(unfinished).toEqual([]);
    expect(refused.map(({ message }) => message)).toEqual([
      `${join(state.runs, idOf(2), 'runner.json')} is a link`,
      `${path} is writable by others (mode 777)`,
    ]);
  });

  test('is none when its file names another one, or no process', () => {
    killed(1, { run: idOf(2) });
    killed(3, { pid: '1' });
    killed(4, { group: 7 });
    expect(unfinishedRuns(state).unfinished).toEqual([]);
  });

  test.runIf(hasProcessTable)('lives as long as its runner does, and is around what that has started', () => {
    const directory = RunDirectory.create(state, idOf(5));
    expect(theOnly().life).toBe('alive');
    const env = { [cookieName(idOf(5))]: 'thread', [cookieName(idOf(6))]: 'thread', SHAKEDOWN_RUN_: 'x' };
    expect(runsAround(env, state)).toEqual([idOf(5)]);
    directory.finish();
    expect(unfinishedRuns(state).unfinished).toEqual([]);
    expect(runsAround(env, state)).toEqual([]);
    expect(readdirSync(directory.path).sort()).toEqual(['journal.ndjson', 'logs']);
  });

  test.runIf(hasProcessTable)(
    'has what bears its mark ended, and nobody whom its journal names',
    async () => {
      const path = killed(1);
      const innocent = sleeper();
      const own = sleeper({ [cookieName(idOf(1))]: 'thread' });
      const startTicks = readProcess(innocent.pid)?.startTicks;
      writeFileSync(
        join(path, 'journal.ndjson'),
        `${JSON.stringify({ type: 'process-started', pid: innocent.pid, startTicks })}\n`,
      );
      const ended = once(own, 'exit');
      const { found, survivors } = await sweepRun(theOnly(), ms(0), new Clock());
      expect([found.map(({ pid }) => pid), survivors]).toEqual([[own.pid], []]);
      await ended;
      expect(readProcess(innocent.pid)?.state).not.toBe('Z');
      expect([innocent.exitCode, innocent.signalCode]).toEqual([null, null]);
      expect(readdirSync(path).sort()).toEqual(['journal.ndjson', 'logs']);
    },
  );

  test.runIf(hasProcessTable)('of before the machine was started anew is only forgotten', async () => {
    const path = killed(1, { boot: 'another' });
    const innocent = sleeper({ [cookieName(idOf(1))]: 'thread' });
    expect(theOnly().life).toBe(whereabouts().machine === null ? 'unknown' : 'dead');
    if (theOnly().life === 'unknown') return;
    expect((await sweepRun(theOnly(), ms(0), new Clock())).found).toEqual([]);
    expect(innocent.exitCode).toBeNull();
    expect(existsSync(join(path, 'runner.json'))).toBe(false);
  });

  test.runIf(hasProcessTable)('has no folder taken for its control group', async () => {
    const group = join(dir, `shakedown-${DEAD.pid}-x`);
    mkdirSync(join(group, 'empty'), { recursive: true });
    killed(1, { group });
    expect(isGroupOf(DEAD.pid, group)).toBe(false);
    await sweepRun(theOnly(), ms(0), new Clock());
    expect(readdirSync(group)).toEqual(['empty']);
    expect(isGroupOf(DEAD.pid, '/sys/fs/cgroup')).toBe(false);
    expect(isGroupOf(DEAD.pid, `/sys/fs/cgroup/x/../shakedown-${DEAD.pid}-x`)).toBe(false);
  });

  test('that may live is not swept', async () => {
    killed(1, { boot: 'another', machine: 'another' });
    expect(theOnly().life).toBe('unknown');
    await expect(sweepRun(theOnly(), ms(0), new Clock())).rejects.toThrow('not known to be dead');
  });
});
