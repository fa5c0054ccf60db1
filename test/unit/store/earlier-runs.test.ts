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
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import { ms } from '../../../src/core/units.ts';
import { sweepRun, undoAgain } from '../../../src/process/ownership/sweep.ts';
import { isGroupOf } from '../../../src/process/ownership/tiers/cgroup.ts';
import { hasProcessTable, readProcess } from '../../../src/process/system/proc.ts';
import {
  finishedWithUndos,
  pruneRuns,
  type UnfinishedRun,
  unfinishedRuns,
} from '../../../src/store/earlier-runs.ts';
import { whereabouts } from '../../../src/store/life.ts';
import {
  cookieName,
  isRunId,
  newRunId,
  purposeOf,
  RunDirectory,
  runsAround,
} from '../../../src/store/run-directory.ts';
import { makeState, type StateFolder } from '../../../src/store/state-folder.ts';
import { UndoFile, undosPath } from '../../../src/store/undo-file.ts';

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

  test('are counted apart from those for something else: services of a test push out none of the suite', () => {
    for (const number of [0, 1, 2]) finished(number);
    for (const number of [3, 4, 5]) writeFileSync(join(finished(number), 'purpose'), 'service');
    writeFileSync(join(finished(6), 'purpose'), 'up');
    expect(pruneRuns(state, 2, 'service')).toEqual({ removed: 1, left: 0 });
    expect(readdirSync(state.runs).sort()).toEqual([0, 1, 2, 4, 5, 6].map(idOf));
    expect(pruneRuns(state, 1)).toEqual({ removed: 2, left: 0 });
    expect(readdirSync(state.runs).sort()).toEqual([2, 4, 5, 6].map(idOf));
  });

  test('with something left to undo stay: nobody would know of that any more', () => {
    for (let number = 0; number < 3; number++) finished(number);
    writeFileSync(join(state.runs, idOf(0), 'undos.ndjson'), '');
    expect(pruneRuns(state, 1)).toEqual({ removed: 1, left: 0 });
    expect(readdirSync(state.runs).sort()).toEqual([0, 2].map(idOf));
  });

  test('are not removed, nor looked at, beyond the time that a start has for it; that is told', () => {
    for (let number = 0; number < 29; number++) finished(number);
    killed(3);
    expect(unfinishedRuns(state, -1)).toEqual({ unfinished: [], refused: [], unseen: 9 });
    expect(pruneRuns(state, 2, 'components', -1)).toEqual({ removed: 19, left: 7 });
    expect(readdirSync(state.runs)).toHaveLength(10);
  });

  test('are all gone through if they are few, however slow the machine', () => {
    for (let number = 0; number < 9; number++) finished(number);
    killed(3);
    const { unfinished, unseen } = unfinishedRuns(state, -1);
    expect([unfinished.map(({ run }) => run), unseen]).toEqual([[idOf(3)], 0]);
    expect(pruneRuns(state, 2, 'components', -1)).toEqual({ removed: 6, left: 0 });
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

  test('says what it is for; of a service in a test, it is not the latest', () => {
    const up = RunDirectory.create(state, idOf(1), null, 'up');
    const service = RunDirectory.create(state, idOf(2), null, 'service');
    expect([up.path, service.path, finished(3)].map(purposeOf)).toEqual(['up', 'service', 'components']);
    expect(basename(readlinkSync(join(state.path, 'latest')))).toBe(idOf(1));
    for (const each of [up, service]) each.finish();
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

describe('what a killed run has not undone', () => {
  /** A killed run that was to carry out these commands; the last was registered last. */
  function leaving(number: number, ...lines: string[]): string {
    const path = killed(number);
    const file = UndoFile.open(undosPath(path));
    for (const [index, line] of lines.entries())
      file.register(
        `undo-${index + 1}`,
        {
          ...{ kind: 'undo', name: `step ${index + 1}`, title: `undo of setup "step ${index + 1}"` },
          ...{ command: { type: 'shell', line }, cwd: dir, timeout: ms(20_000) },
          env: { PATH: process.env.PATH ?? '', WHO: `step ${index + 1}` },
        },
        { tier: 'finders', secrets: [] },
      );
    file.close(true);
    return path;
  }
  const done = (): string => readFileSync(join(dir, 'done'), 'utf8');
  const sweep = (options = {}) => sweepRun(theOnly(), ms(0), new Clock(), options);

  test('is undone, the latest first, each in its folder, with its environment and a log', async () => {
    const path = leaving(1, 'echo "$WHO" >> done', 'echo "$WHO" | tee -a done');
    const { undone } = await sweep();
    expect(undone.map(({ left, failure }) => [left.undo.name, failure])).toEqual([
      ['step 2', undefined],
      ['step 1', undefined],
    ]);
    expect(done()).toBe('step 2\nstep 1\n');
    expect(readFileSync(join(path, 'logs/undo-2.log'), 'utf8')).toContain('step 2\n');
    expect(existsSync(undosPath(path))).toBe(false);
    expect(unfinishedRuns(state).unfinished).toEqual([]);
  });

  test('is only named when it is only looked for', async () => {
    leaving(1, 'touch done');
    const { undone } = await sweep({ dryRun: true });
    expect(undone.map(({ left }) => left.undo.title)).toEqual(['undo of setup "step 1"']);
    expect(existsSync(join(dir, 'done'))).toBe(false);
    expect(unfinishedRuns(state).unfinished).toHaveLength(1);
  });

  test('and fails, is told, keeps none of the others from it, and is tried again on request alone', async () => {
    const path = leaving(1, 'touch done', 'echo "no such database"; test -e ready');
    const { undone } = await sweep();
    expect(undone.map(({ failure }) => failure)).toEqual([
      {
        exitCode: 1,
        signal: null,
        message: 'the undo of setup "step 2" exited with code 1: no such database',
      },
      undefined,
    ]);
    expect(done()).toBe('');
    expect(unfinishedRuns(state).unfinished).toEqual([]);
    const [left, ...others] = finishedWithUndos(state);
    expect(left).toMatchObject({ path, left: [{ id: 'undo-2', failure: { exitCode: 1 } }] });
    expect(others).toEqual([]);
    if (left === undefined) return;
    expect(await undoAgain(left, new Clock(), {})).toMatchObject([{ failure: { exitCode: 1 } }]);
    writeFileSync(join(dir, 'ready'), '');
    expect(await undoAgain(left, new Clock(), {})).toMatchObject([{ failure: undefined }]);
    expect(finishedWithUndos(state)).toEqual([]);
  });

  test.skipIf(!hasProcessTable)('and what leaves a process behind does not leave it for long', async () => {
    leaving(1, 'sleep 600 >/dev/null 2>&1 & echo $! > done');
    expect(await sweep()).toMatchObject({ undone: [{ failure: undefined }] });
    expect(readProcess(Number(done()))?.state ?? 'Z').toBe('Z');
  });

  test('and hangs, is ended at its time limit', async () => {
    const path = leaving(1, 'exec sleep 600');
    const file = undosPath(path);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"timeout":20000', '"timeout":100'));
    const { undone } = await sweep();
    expect(undone).toMatchObject([
      {
        failure: {
          exitCode: null,
          message:
            'the undo of setup "step 1" did not finish within 100 ms and was stopped and printed nothing',
        },
      },
    ]);
  });

  test('and cannot start, says so', async () => {
    leaving(1, 'true');
    rmSync(join(dir, 'gone'), { recursive: true, force: true });
    const [path] = [undosPath(theOnly().path)];
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(JSON.stringify(dir), JSON.stringify(`${dir}/gone`)),
    );
    const { undone } = await sweep();
    expect(undone[0]?.failure?.message).toMatch(/^the undo of setup "step 1" could not start: .*gone/);
  });

  test('is undone once by two who would do it at the same moment', async () => {
    leaving(1, 'echo once >> done; sleep 0.2');
    const run = theOnly();
    const both = [1, 2].map(() => sweepRun(run, ms(0), new Clock()));
    const reports = (await Promise.all(both)).flatMap(({ undone }) => undone);
    expect(reports).toHaveLength(1);
    expect(done()).toBe('once\n');
  });

  test.skipIf(!isRoot)('is not believed when somebody else could have written it', () => {
    const path = leaving(1, 'touch done');
    chownSync(undosPath(path), STRANGER, STRANGER);
    expect(unfinishedRuns(state)).toMatchObject({ unfinished: [], refused: [{ path: undosPath(path) }] });
    rmSync(join(path, 'runner.json'));
    expect(finishedWithUndos(state)).toEqual([]);
  });

  test('is undone even after a reboot', async () => {
    leaving(1, 'touch done');
    const run = { ...theOnly(), isOfEarlierBoot: true };
    await sweepRun(run, ms(0), new Clock());
    expect(done()).toBe('');
  });
});
