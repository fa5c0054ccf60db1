/** The looks of the harness, tried on real processes. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Behaviour, behaviours, programPath } from '../../../chaos/behaviours.ts';
import { parseBirths, readBirths } from '../../../chaos/births.ts';
import { isRunning, nowTicks, running } from '../../../chaos/proc.ts';
import { Stage } from '../../../chaos/stage.ts';
import { Survey } from '../../../chaos/survey.ts';
import { unendable } from '../../../chaos/unendable.ts';

const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).stdout.trim();

/** A stage on which one behaviour runs; all of it ends with the test. */
class Play implements AsyncDisposable {
  readonly stage: Stage;
  readonly survey: Survey;
  readonly since: number;
  readonly #base: string;

  private constructor(stage: Stage, base: string, since: number) {
    this.stage = stage;
    this.#base = base;
    this.since = since;
    this.survey = new Survey(stage, since);
  }

  static async begin(behaviour: Behaviour, around: readonly string[] = []): Promise<Play> {
    const base = realpathSync(mkdtempSync(join(tmpdir(), 'shakedown-play-')));
    const since = nowTicks() - 1;
    const stage = await Stage.create(join(base, 'stage'), behaviour);
    const [program = '', ...args] = [...around, 'sh', programPath('leader.sh'), ...behaviour.command(stage)];
    const child: ChildProcess = spawn(program, args, { cwd: stage.folder, stdio: 'ignore', detached: true });
    child.unref();
    await once(child, 'spawn');
    return new Play(stage, base, since);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.survey.endAll();
    this.stage.close();
    rmSync(this.#base, { recursive: true, force: true });
  }
}

function behaviour(name: string): Behaviour {
  const found = behaviours(python).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no behaviour ${name}`);
  return found;
}

const NAMES = behaviours(python).map(({ name }) => name);

test.each(NAMES)('%s: is seen as soon as it was born, and is gone when it was ended', async (name) => {
  const acted = behaviour(name);
  await using play = await Play.begin(acted);
  await expect
    .poll(() => readBirths(play.stage.births).length, { timeout: 20_000 })
    .toBeGreaterThanOrEqual(1 + acted.births);
  expect(play.survey.everybody().length).toBeGreaterThan(0);
  await play.survey.endAll();
  expect(play.survey.look()).toEqual([]);
  expect(play.stage.isAlive()).toBe(false);
});

test('a process that has hidden its environment, its folder and its descriptors is seen by both means', async () => {
  await using play = await Play.begin(behaviour('all-marks-gone'));
  await expect.poll(() => readBirths(play.stage.births).length, { timeout: 20_000 }).toBe(2);
  play.stage.tell('exit 0');
  await expect
    .poll(() => play.survey.look().map(({ by }) => by), { timeout: 20_000 })
    .toEqual([['marker', 'births']]);
});

const canUnshare = spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;

describe.runIf(canUnshare)('in a PID namespace of its own', () => {
  test('a process is found by the pid that it was born with', async () => {
    await using play = await Play.begin(behaviour('daemon-closed'), [
      'unshare',
      '--pid',
      '--fork',
      '--kill-child',
    ]);
    await expect.poll(() => readBirths(play.stage.births).length, { timeout: 20_000 }).toBe(2);
    const daemon = readBirths(play.stage.births).find(({ role }) => role === 'daemon');
    expect(daemon?.id.pid).toBeLessThan(20);
    const seen = play.survey.look().find(({ startTicks }) => startTicks === daemon?.id.startTicks);
    expect(seen?.by).toEqual(expect.arrayContaining(['marker', 'births']));
    expect(seen?.pid).not.toBe(daemon?.id.pid);
  });
});

test('who may not be ended is not counted among the others, and ends when it is released', async () => {
  const released: string[] = [];
  const daemon = behaviour('daemon-closed');
  const unendable = {
    role: 'daemon',
    prepare: () => {},
    release: () => void released.push('release'),
    remove: () => void released.push('remove'),
  };
  await using play = await Play.begin({ ...daemon, unendable });
  await expect.poll(() => play.survey.unendable(), { timeout: 20_000 }).toHaveLength(1);
  play.stage.tell('exit 0');
  await expect.poll(() => play.survey.look(), { timeout: 20_000 }).toEqual([]);
  expect(play.survey.unendable()).toHaveLength(1);
  await play.survey.endUnendable();
  expect([play.survey.unendable(), released]).toEqual([[], ['release', 'remove']]);
});

/** Only root can prepare these, and not everywhere. */
const cache = mkdtempSync(join(tmpdir(), 'shakedown-play-'));
afterAll(() => rmSync(cache, { recursive: true }));
const UNENDABLE = unendable(cache, python, () => {});
test.each(UNENDABLE.map((each) => [each.name, each] as const))(
  '%s: says that it was born, and is gone when the harness has ended it',
  async (_, acted) => {
    await using play = await Play.begin(acted);
    await expect.poll(() => readBirths(play.stage.births).length, { timeout: 20_000 }).toBe(2);
    await play.survey.endUnendable();
    await play.survey.endAll();
    expect([...play.survey.look(), ...play.survey.unendable()]).toEqual([]);
    expect(play.stage.isAlive()).toBe(false);
  },
);

test('who was born on another stage is not counted, though a namespace gave the same pid in the same tick', async () => {
  await using other = await Play.begin(behaviour('child'));
  await using play = await Play.begin(behaviour('child'));
  for (const each of [other, play])
    await expect.poll(() => readBirths(each.stage.births).length, { timeout: 20_000 }).toBe(2);
  const before = play.survey.look();
  appendFileSync(play.stage.births, readFileSync(other.stage.births));
  expect(play.survey.look()).toEqual(before);
});

test('who was there before is not counted', async () => {
  await using play = await Play.begin(behaviour('child'));
  await expect.poll(() => readBirths(play.stage.births).length, { timeout: 20_000 }).toBe(2);
  expect(new Survey(play.stage, play.since, [], play.survey.look()).look()).toEqual([]);
});

test('a pid with another start time is another process', () => {
  const self = running(process.pid);
  if (self === undefined) throw new Error('this very process runs');
  expect(isRunning(self)).toBe(true);
  expect(isRunning({ ...self, startTicks: self.startTicks + 1 })).toBe(false);
});

test('a line of births that is not whole is no birth', () => {
  expect(parseBirths('leader 12 345\nchild 13 3')).toEqual([
    { role: 'leader', id: { pid: 12, startTicks: 345 } },
    { role: 'child', id: { pid: 13, startTicks: 3 } },
  ]);
  expect(parseBirths('leader 12\n\nchild x 3\n')).toEqual([]);
});
