/** What was run in shards, as one run; and never a pass where something is missing. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readResult } from '../../../src/cli/merge/result-file.ts';
import type { RunEvent, Stamped } from '../../../src/core/event.ts';
import { shardOf } from '../../../src/plan/shard.ts';
import { jsonOf } from '../../../src/report/json.ts';
import { advance, INITIAL_STATE, type RunState } from '../../../src/report/state.ts';
import fc from '../../rig/fast-check.ts';
import { command } from '../plan/suites.ts';
import {
  eachInItsOwnFolder,
  type Outcomes,
  planned,
  results,
  run,
  runShards,
  together,
  write,
} from './sharded.ts';

eachInItsOwnFolder();

const codes = ({ notes }: RunState): string[] => notes.map(({ code }) => code);
const outcomesIn = (events: readonly Stamped[]) =>
  jsonOf(events.reduce(advance, INITIAL_STATE)).components.map(({ name, kind, verdict, findings }) => ({
    ...{ name, kind, verdict, findings },
  }));

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const suites = fc
  .tuple(
    ...NAMES.map((name, at) =>
      fc.tuple(fc.constant(name), fc.subarray(NAMES.slice(0, at), { maxLength: Math.min(at, 1) })),
    ),
  )
  .map((all) => all.map(([name, needs]) => command(name, { needs })));
const outcomes: fc.Arbitrary<Outcomes> = fc.dictionary(
  fc.constantFrom(...NAMES),
  fc.constantFrom('passed' as const, 'failed' as const, 'inconclusive' as const),
  { noNullPrototype: true },
);

describe('whatever a suite does, its shards together are', () => {
  test('the same run: verdict, exit code, components, findings', async () => {
    await fc.assert(
      fc.asyncProperty(suites, outcomes, fc.integer({ min: 1, max: 8 }), async (components, how, of) => {
        const whole = await run(planned(components), how);
        const { state, exitCode, events } = together(await runShards(planned(components), of, how));
        expect(outcomesIn(events)).toEqual(outcomesIn(whole));
        const end = whole.at(-1);
        expect(end).toMatchObject({ type: 'run-finished', verdict: state.finished?.verdict, exitCode });
        expect(codes(state)).toEqual([]);
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at));
        expect(events.map(({ elapsedMs }) => elapsedMs)).toEqual(
          events.map(({ elapsedMs }) => elapsedMs).toSorted((one, other) => one - other),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('never a pass if a result is missing, or cut off anywhere', async () => {
    const plan = planned(NAMES.map((name) => command(name)));
    const files = await runShards(plan, 3);
    const texts = files.map((file) => readFileSync(join(results.root, file), 'utf8'));
    fc.assert(
      fc.property(fc.nat({ max: 2 }), fc.double({ min: 0, max: 0.9999, noNaN: true }), (which, share) => {
        const text = texts[which] ?? '';
        const cut = text.slice(0, Math.floor((text.length - 1) * share));
        writeFileSync(join(results.root, 'cut'), cut);
        const given = files.with(which, 'cut');
        // Without its first event nobody knows what it is.
        if (!cut.includes('\n')) {
          expect(readResult('cut', results.root).ok).toBe(false);
          return;
        }
        const { state, exitCode } = together(given);
        expect([state.finished?.verdict, exitCode]).toEqual(['inconclusive', 3]);
        expect(codes(state)).toEqual(['broken-shard']);
        expect(state.components.map(({ name }) => name)).toEqual(NAMES);
      }),
    );
  });

  test('never a pass if a line is missing, doubled, damaged, or of another shard', async () => {
    const files = await runShards(planned(NAMES.map((name) => command(name))), 2);
    const lines = readFileSync(join(results.root, '1.ndjson'), 'utf8').trimEnd().split('\n');
    const others = readFileSync(join(results.root, '2.ndjson'), 'utf8').trimEnd().split('\n');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: lines.length - 1 }), fc.nat({ max: 3 }), (at, how) => {
        const line = lines[at] ?? '';
        const instead =
          [[], [line, line], [line.slice(1)], [others[at] ?? '{"type":"output"}', line]][how] ?? [];
        writeFileSync(join(results.root, 'bad'), `${lines.toSpliced(at, 1, ...instead).join('\n')}\n`);
        const { state } = together(files.with(0, 'bad'));
        expect(state.finished?.verdict).toBe('inconclusive');
      }),
    );
  });
});

describe('what does not fit', () => {
  const plan = planned(NAMES.map((name) => command(name)));

  test('a missing shard is inconclusive, and its components are listed; a failure elsewhere is still one', async () => {
    const [one = '', two = '', three = ''] = await runShards(plan, 3);
    const { state, exitCode } = together([three, one]);
    expect([exitCode, codes(state), state.notes[0]?.message]).toEqual([
      3,
      ['missing-shard'],
      'there is no result of shard 2 of 3',
    ]);
    expect(state.components.map(({ progress }) => progress)).toContainEqual({
      type: 'skipped',
      reason: 'there is no result of shard 2 of 3',
    });
    write('failed', await run(shardOf(plan, { number: 1, of: 3 }, new Map()), { a: 'failed' }));
    expect(together(['failed', two]).exitCode).toBe(1);
  });

  test('of two results of one shard the worse is shown, and nobody knows which counts', async () => {
    const [one = '', two = ''] = await runShards(plan, 2);
    expect(together([one, two, two])).toMatchObject({
      exitCode: 3,
      state: { notes: [{ code: 'doubled-shard' }] },
    });
    write('failed', await run(shardOf(plan, { number: 2, of: 2 }, new Map()), { b: 'failed' }));
    expect(together([one, two, 'failed']).exitCode).toBe(1);
  });

  test.each<[string, () => Promise<Stamped[]>, RegExp]>([
    [
      'another deal',
      () =>
        run(
          shardOf(
            plan,
            { number: 2, of: 2 },
            new Map([
              ['a', 9e9],
              ['b', 1],
            ]),
          ),
          {},
        ),
      /different histories/,
    ],
    [
      'another number',
      () => run(shardOf(plan, { number: 2, of: 3 }, new Map()), {}),
      /one of 3 shards, and 1.ndjson is one of 2/,
    ],
    [
      'other components',
      () => run(shardOf(planned([command('a'), command('z')]), { number: 2, of: 2 }, new Map()), {}),
      /of other components/,
    ],
    [
      'another command',
      () =>
        run(
          shardOf(
            planned(NAMES.map((name) => command(name, { command: { type: 'shell', line: 'x' } }))),
            { number: 2, of: 2 },
            new Map(),
          ),
          {},
        ),
      /integration, or an option, was not the same/,
    ],
    [
      'another version',
      () => run(shardOf(plan, { number: 2, of: 2 }, new Map()), {}, { version: '9' }),
      /of Shakedown 9/,
    ],
  ])('a shard of %s is foreign: the message says why', async (_, foreign, why) => {
    const [one = ''] = await runShards(plan, 2);
    write('foreign', await foreign());
    const { state, exitCode } = together([one, 'foreign']);
    expect([exitCode, codes(state)]).toEqual([3, ['foreign-shard', 'missing-shard']]);
    expect(state.notes[0]?.message).toMatch(why);
  });

  test('shards of two builds do not belong together, those of one do', async () => {
    const of = (number: number, build: string) => {
      const part = shardOf(plan, { number, of: 2 }, new Map());
      return part.shard === undefined ? part : { ...part, shard: { ...part.shard, build } };
    };
    for (const number of [1, 2]) write(`${number}`, await run(of(number, 'GitHub 1'), {}));
    write('old', await run(of(2, 'GitHub 0'), {}));
    expect(together(['1', '2']).exitCode).toBe(0);
    expect(together(['1', 'old']).state.notes[0]?.message).toMatch(
      /of build GitHub 0, and 1 is of build GitHub 1/,
    );
  });

  test('an interrupted shard is inconclusive, also if it had not begun anything', async () => {
    const [one = ''] = await runShards(plan, 2);
    const events = await run(shardOf(plan, { number: 2, of: 2 }, new Map()), {});
    const begun = events.slice(0, 1);
    const tail: RunEvent[] = [
      { type: 'interrupted', signal: 'SIGTERM', again: false, ending: [] },
      ...(begun[0]?.type === 'run-started' ? begun[0].components : []).map(
        ({ name, kind }): RunEvent => ({
          type: 'component-skipped',
          component: name,
          kind,
          reason: 'interrupted',
        }),
      ),
      { type: 'run-finished', verdict: 'skipped', exitCode: 143, durationMs: 5 },
    ];
    write('cut', [...begun, ...tail.map((event, at) => ({ ...event, seq: at + 1, elapsedMs: 5 }))]);
    const { state, exitCode } = together([one, 'cut']);
    expect(exitCode).toBe(3);
    expect(state.notes).toMatchObject([
      { code: 'broken-shard', message: 'shard 2 of 2 (cut): it was interrupted by SIGTERM' },
    ]);
    // Nor does it pass if that is not told.
    write('sly', [...begun, ...tail.slice(1).map((event, at) => ({ ...event, seq: at + 1, elapsedMs: 5 }))]);
    expect(together([one, 'sly']).exitCode).toBe(3);
  });

  test('a shard that got nothing is no fault', async () => {
    const files = await runShards(planned([command('a'), command('b')]), 3);
    const [last] = (
      await run(shardOf(planned([command('a'), command('b')]), { number: 3, of: 3 }, new Map()), {})
    ).slice(-1);
    expect(last).toMatchObject({ verdict: 'skipped', exitCode: 0 });
    expect(together(files)).toMatchObject({ exitCode: 0, state: { finished: { verdict: 'passed' } } });
    expect(together(files.slice(0, 2)).exitCode).toBe(3);
  });
});

test('what the shards know of earlier runs is put together, run by run', async () => {
  const plan = planned([command('a'), command('b')]);
  const runOf = (day: number) =>
    ({ run: `r${day}`, startedAt: `2026-01-0${day}`, verdict: 'passed', durationMs: 1 }) as const;
  const known: RunEvent[] = [
    {
      type: 'history',
      runs: [runOf(1), runOf(3)],
      components: { a: [{ durationMs: 1 }, { durationMs: 3 }] },
    },
    {
      type: 'history',
      runs: [runOf(2), runOf(3)],
      components: { b: [{ durationMs: 20 }, { durationMs: 30 }] },
    },
  ];
  for (const [at, history] of known.entries()) {
    const [start, ...rest] = await run(shardOf(plan, { number: at + 1, of: 2 }, new Map()), {});
    const all = [start, history, ...rest].map((event, seq) => ({ ...event, seq, elapsedMs: seq }) as Stamped);
    write(`${at}`, all);
  }
  const { history } = together(['0', '1']).state;
  expect(history?.runs.map((each) => each.run)).toEqual(['r1', 'r2', 'r3']);
  const times = (name: string) => history?.components[name]?.map((past) => past?.durationMs ?? null);
  expect([times('a'), times('b')]).toEqual([
    [1, null, 3],
    [null, 20, 30],
  ]);
});

test('each shard has its own setup and its own services, and what all of them note is told once', async () => {
  const plan = planned([command('a'), command('b')]);
  const note = (message: string): RunEvent => ({
    type: 'run-note',
    finding: { code: 'swept', message, processes: [], count: 0 },
  });
  for (const number of [1, 2]) {
    const events = await run(shardOf(plan, { number, of: 2 }, new Map()), {});
    const more: RunEvent[] = [
      { type: 'shared-started', shared: 'db', kind: 'service', logFile: '/srv/app/db.log' },
      {
        type: 'service-ready',
        component: 'shared:db',
        service: 'db',
        pid: 1,
        port: 7000 + number,
        readyAfterMs: 1,
      },
      { type: 'shared-finished', shared: 'db', outcome: 'ended', durationMs: 2, findings: [] },
      note('of all'),
      note(`of ${number}`),
    ];
    const all = [...events.slice(0, -1), ...more, ...events.slice(-1)];
    write(`${number}`, all.map((event, seq) => ({ ...event, seq, elapsedMs: seq })) as Stamped[]);
  }
  const { state, exitCode } = together(['1', '2']);
  expect(exitCode).toBe(0);
  expect(state.setup.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['npm ci (shard 1)', 'done'],
    ['npm ci (shard 2)', 'done'],
  ]);
  expect(state.shared.map(({ name, progress, logFile }) => [name, progress, logFile])).toEqual([
    ['db (shard 1)', 'ended', '/here/db.log'],
    ['db (shard 2)', 'ended', '/here/db.log'],
  ]);
  expect(state.notes.map(({ message }) => message)).toEqual([
    'of all',
    'shard 1 of 2: of 1',
    'shard 2 of 2: of 2',
  ]);
  expect(state).toMatchObject({ startedAt: '2026-01-05T02:45:31.000Z', runDir: '', merged: { of: 2 } });
});
