/** When components are run again, and which: on a clock and with files of the test's own. */
import { expect, test } from 'vitest';
import { Rounds } from '../../../src/cli/watch/rounds.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import type { Round } from '../../../src/engine/watched.ts';

class Stage {
  now = 1000;
  readonly told: string[] = [];
  readonly written = new Map<string, number>();
  readonly verdicts = new Map<string, Verdict>();
  readonly rounds = new Rounds({
    root: '/app',
    components: ['smoke', 'lint'],
    isConfig: (path) => path === '/app/shakedown.config.ts',
    concernOf: async (paths) => ({
      components: paths.every((path) => path === '/app/lint.sh') ? ['lint'] : ['smoke', 'lint'],
      renew: [],
    }),
    writtenAt: (path) => this.written.get(path),
    now: () => this.now,
    tell: (line) => this.told.push(line),
    tellEnd: async () => {},
  });

  /** Somebody writes files, which is noticed at once, or later. */
  write(...names: string[]): void {
    for (const name of names) this.written.set(`/app/${name}`, this.now);
    this.notice(...names);
  }

  notice(...names: string[]): void {
    this.rounds.changed(names.map((name) => `/app/${name}`));
  }

  /** The round ends: the next one, once it comes. */
  async next(): Promise<Round | undefined> {
    this.now += 100;
    const round = await this.rounds.next(this.verdicts);
    this.now += 100;
    return round;
  }
}

/** Whether a promise is still waiting after all that can happen now has happened. */
async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  return Promise.race([
    promise.then(() => false),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(true))),
  ]);
}

async function begun(): Promise<Stage> {
  const stage = new Stage();
  expect(await stage.next()).toEqual({ components: ['smoke', 'lint'], renew: [], because: '' });
  stage.verdicts.set('smoke', 'failed').set('lint', 'passed');
  return stage;
}

test('what a changed file concerns is run again', async () => {
  const stage = await begun();
  const next = stage.next();
  expect(await isWaiting(next)).toBe(true);
  stage.now += 1000;
  stage.write('lint.sh');
  expect(await next).toEqual({ components: ['lint'], renew: [], because: 'lint.sh changed' });
});

test('keys ask for all, for what failed, and for the same again', async () => {
  const stage = await begun();
  const asked = async (wish: 'all' | 'failed' | 'again') => {
    const next = stage.next();
    await isWaiting(next);
    stage.rounds.ask(wish);
    return (await next)?.components;
  };
  expect(await asked('failed')).toEqual(['smoke']);
  expect(await asked('again')).toEqual(['smoke']);
  expect(await asked('all')).toEqual(['smoke', 'lint']);
  stage.verdicts.set('smoke', 'passed');
  const next = stage.next();
  await isWaiting(next);
  stage.rounds.ask('failed');
  expect(await isWaiting(next)).toBe(true);
  expect(stage.told).toEqual(['nothing has failed']);
});

test('a file that is edited while components run has its round after that', async () => {
  const stage = await begun();
  stage.write('lint.sh');
  expect(await stage.next()).toMatchObject({ components: ['lint'] });
});

test('what each round writes has one more round at most, also if it is noticed late', async () => {
  const stage = await begun();
  stage.write('out.txt');
  expect(await stage.next()).toMatchObject({ because: 'out.txt changed' });
  // Written during the round, noticed after its end.
  stage.written.set('/app/out.txt', stage.now);
  const next = stage.next();
  expect(await isWaiting(next)).toBe(true);
  stage.notice('out.txt');
  expect(await isWaiting(next)).toBe(true);
  expect(stage.told).toEqual(['out.txt changed again while the components ran: taken for their output']);
  // An edit between the rounds counts.
  stage.now += 1000;
  stage.write('out.txt');
  expect(await next).toMatchObject({ because: 'out.txt changed' });
});

test('output with a new name each time does not go on for ever either', async () => {
  const stage = await begun();
  for (const name of ['out-1.txt', 'out-2.txt', 'out-3.txt']) {
    stage.write(name);
    expect(await stage.next()).toBeDefined();
  }
  stage.write('out-4.txt');
  const next = stage.next();
  expect(await isWaiting(next)).toBe(true);
  stage.now += 1000;
  stage.write('src/a.ts');
  expect(await next).toMatchObject({ because: 'src/a.ts changed' });
});

test('an edit during a round that is for output has its round as well', async () => {
  const stage = await begun();
  stage.write('out.txt');
  expect(await stage.next()).toMatchObject({ because: 'out.txt changed' });
  stage.write('out.txt', 'lint.sh');
  expect(await stage.next()).toMatchObject({ components: ['lint'], because: 'lint.sh changed' });
  expect(stage.told).toEqual(['out.txt changed again while the components ran: taken for their output']);
});

test('a file that is noticed once more is not run for twice', async () => {
  const stage = await begun();
  stage.now += 1000;
  stage.write('lint.sh');
  expect(await stage.next()).toMatchObject({ components: ['lint'] });
  stage.notice('lint.sh');
  expect(await isWaiting(stage.next())).toBe(true);
});

test('a changed config ends the rounds, at once or after what runs', async () => {
  const idle = await begun();
  const next = idle.next();
  await isWaiting(next);
  idle.write('shakedown.config.ts');
  expect(await next).toBeUndefined();
  const busy = await begun();
  busy.write('shakedown.config.ts');
  expect(await busy.next()).toBeUndefined();
  expect(busy.rounds.isReloading).toBe(true);
});

test('somebody who wants it to end gets that between rounds; while one is under way it has to be interrupted', async () => {
  const stage = await begun();
  expect(stage.rounds.quit()).toBe(false);
  const next = stage.next();
  expect(await isWaiting(next)).toBe(true);
  expect(stage.rounds.quit()).toBe(true);
  expect(await next).toBeUndefined();
  expect([stage.rounds.isOver, stage.rounds.isReloading]).toEqual([true, false]);
  expect(stage.rounds.quit()).toBe(false);
});
