import { execFile, execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { secrets } from '../../../src/core/secrets.ts';
import { addToHistory, historyPath, readHistory } from '../../../src/store/history.ts';
import type { RunLine } from '../../../src/store/run-line.ts';
import { inState, type StateFolder } from '../../../src/store/state-folder.ts';
import { isThorough } from '../../rig/thorough.ts';

const isRoot = process.getuid?.() === 0;
let dir: string;
let state: StateFolder;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'history-'));
  vi.stubEnv('TMPDIR', dir);
  state = inState(dir, (made) => made).value;
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

const idOf = (number: number): string => `20260105-${String(number).padStart(6, '0')}-abcde`;

const line = (number: number, over: Partial<RunLine> = {}): RunLine => ({
  ...{ version: 1, run: idOf(number), suite: 'integration', startedAt: new Date(number).toISOString() },
  ...{ verdict: 'passed', durationMs: 12.5, rerunOf: null },
  components: [
    {
      ...{ name: 'thread', kind: 'command', likeness: 'x', verdict: 'passed', durationMs: 10, flaky: false },
      ...{ rate: null, p99Us: null, errors: null },
    },
  ],
  ...over,
});

const runs = (): string[] => readHistory(state).lines.map(({ run }) => run);
const files = (): string[] => readdirSync(state.path).filter((name) => name.startsWith('history'));
const add = (...numbers: readonly number[]): void => {
  for (const number of numbers) addToHistory(state, line(number));
};
const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

test('a line a run, in the order in which they started, whoever ended first; git ignores it', () => {
  expect(readHistory(state)).toEqual({ lines: [], refused: undefined });
  add(2, 1, 3);
  expect(readHistory(state).lines).toEqual([line(1), line(2), line(3)]);
  const text = readFileSync(join(state.path, 'history'), 'utf8');
  expect(text.split('\n').map((each) => (each === '' ? '' : JSON.parse(each).run))).toEqual([
    ...[idOf(2), idOf(1), idOf(3)],
    '',
  ]);
  expect(statSync(historyPath(state)).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(state.path, '.gitignore'), 'utf8')).toBe('*\n');
});

test('there is no end to it, and the latest hundred are kept', () => {
  add(...upTo(350));
  expect(runs()).toEqual(upTo(350, 251).map(idOf));
  expect(files()).toHaveLength(2);
  const kept = files().flatMap((name) => readFileSync(join(state.path, name), 'utf8').trim().split('\n'));
  expect(kept.length).toBeLessThan(201);
});

test('a run that started long ago and sets a full file aside does not make it an old one', () => {
  add(...upTo(299, 100), 1);
  expect(runs()).toEqual(upTo(299, 200).map(idOf));
});

test.each([
  [199, 1],
  [1, 199],
])(
  'files that were set aside at the same moment are both read, whichever name comes first: %j',
  (one, other) => {
    add(...upTo(199, 100));
    renameSync(historyPath(state), `${historyPath(state)}.1.${idOf(one)}`);
    add(...upTo(204, 200));
    renameSync(historyPath(state), `${historyPath(state)}.1.${idOf(other)}`);
    add(205);
    expect(runs()).toEqual(upTo(205, 106).map(idOf));
  },
);

test('runs with very many components are kept as far as there is room', () => {
  const { components } = line(0);
  const many = Array.from({ length: 3000 }, (_, at) => ({ ...components[0], name: `component-${at}` }));
  for (const number of upTo(14))
    addToHistory(state, line(number, { components: many as RunLine['components'] }));
  expect(runs().length).toBeGreaterThanOrEqual(5);
  expect(runs().at(-1)).toBe(idOf(14));
  const bytes = files().reduce((sum, name) => sum + statSync(join(state.path, name)).size, 0);
  expect(bytes).toBeLessThan(8 * 1024 * 1024);
});

test('a line that a full disk or a crash has cut off costs itself alone, and so does one that is damaged', () => {
  add(1);
  appendFileSync(historyPath(state), '{"version":1,"run":"20260105-000002-ab');
  add(3);
  const foreign = ['', 'null', '[]', '"x"', '{}', '\0\0\0', '{"version":2,"run":"later"}', '[1'];
  for (const text of foreign) appendFileSync(historyPath(state), `${text}\n`);
  for (const over of [{ durationMs: null }, { verdict: 'great' }, { components: [null] }, { run: 7 }])
    appendFileSync(historyPath(state), `${JSON.stringify({ ...line(4), ...over })}\n`);
  const [component] = line(4).components;
  for (const over of [{ rate: '1' }, { flaky: 0 }, { verdict: 1 }, { name: null }])
    appendFileSync(
      historyPath(state),
      `${JSON.stringify({ ...line(4), components: [{ ...component, ...over }] })}\n`,
    );
  add(5);
  expect(runs()).toEqual([1, 3, 5].map(idOf));
  // What a later version has written stays.
  expect(readFileSync(historyPath(state), 'utf8')).toContain('{"version":2,"run":"later"}\n');
});

test('holds no secret', () => {
  secrets.learn({ API_TOKEN: 'zq8vT3mK1wXr' });
  addToHistory(state, line(1, { suite: 'of zq8vT3mK1wXr' }));
  expect(readFileSync(historyPath(state), 'utf8')).not.toContain('zq8vT3mK1wXr');
  expect(readHistory(state).lines[0]?.suite).toBe('of •••');
});

describe('what is in its place and not ours', () => {
  test.each<[string, () => void, RegExp]>([
    ['a link', () => symlinkSync(join(dir, 'precious'), historyPath(state)), /is a link$/],
    [
      'writable by others',
      () => {
        writeFileSync(historyPath(state), `${JSON.stringify(line(1))}\n`);
        chmodSync(historyPath(state), 0o666);
      },
      /is writable by others \(mode 666\)$/,
    ],
    ...(isRoot
      ? ([
          [
            'of another user',
            () => {
              writeFileSync(historyPath(state), `${JSON.stringify(line(1))}\n`);
              chownSync(historyPath(state), 54_321, 54_321);
            },
            /belongs to user 54321/,
          ],
        ] as [string, () => void, RegExp][])
      : []),
  ])('%s: is neither believed nor written to', (_, plant, reason) => {
    writeFileSync(join(dir, 'precious'), '');
    plant();
    const before = existsSync(historyPath(state)) ? readFileSync(historyPath(state), 'utf8') : '';
    expect(readHistory(state)).toMatchObject({
      lines: [],
      refused: { message: expect.stringMatching(reason) },
    });
    expect(() => addToHistory(state, line(2))).toThrow(reason);
    expect(readFileSync(historyPath(state), 'utf8')).toBe(before);
  });

  test('a full file that was put there does not count either', () => {
    add(1);
    symlinkSync(join(dir, 'precious'), join(state.path, `history.1.${idOf(0)}`));
    expect(readHistory(state).refused?.message).toMatch(/is a link$/);
  });

  test('a folder or a named pipe holds nothing, and keeps nobody waiting', () => {
    mkdirSync(historyPath(state));
    expect(readHistory(state).lines).toEqual([]);
    expect(() => addToHistory(state, line(1))).toThrow('EISDIR');
    rmSync(historyPath(state), { recursive: true });
    execFileSync('mkfifo', ['-m', '600', historyPath(state)]);
    expect(readHistory(state).lines).toEqual([]);
    expect(() => addToHistory(state, line(1))).toThrow('is not a file');
  });
});

test.runIf(isThorough && isRoot)('a disk that is full takes no line, and the next one is whole', () => {
  const disk = join(dir, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'full', disk]);
  try {
    state = inState(disk, (made) => made).value;
    const filler = join(disk, 'filler');
    const fill = (bytes: number): void => {
      try {
        for (;;) appendFileSync(filler, Buffer.alloc(bytes));
      } catch {}
    };
    add(1);
    fill(4096);
    let told: unknown;
    // The page that it has is used up by some lines first.
    for (let number = 2; told === undefined; number++)
      try {
        add(number);
      } catch (error) {
        told = error;
      }
    expect((told as Error).message).toMatch(/no space/i);
    rmSync(filler);
    const before = runs();
    add(900);
    expect(runs()).toEqual([...before, idOf(900)]);
  } finally {
    execFileSync('umount', ['--lazy', disk]);
  }
});

test('of runs that end at the same time no line is lost or torn, while full files are put aside', async () => {
  const script = join(dir, 'writer.ts');
  writeFileSync(
    script,
    `import { addToHistory } from ${JSON.stringify(resolve('src/store/history.ts'))};
const [state, first, line] = process.argv.slice(2).map((text) => JSON.parse(text));
for (let number = first; number < 180; number += 3)
  addToHistory(state, {
    ...line,
    startedAt: new Date(number).toISOString(),
    run: '20260105-' + String(number).padStart(6, '0') + '-abcde',
  });`,
  );
  const { components } = line(0);
  const long = line(0, {
    components: Array.from({ length: 40 }, () => components[0]) as RunLine['components'],
  });
  await Promise.all(
    [0, 1, 2].map((first) =>
      promisify(execFile)(process.execPath, [
        ...['--import', import.meta.resolve('tsx'), script],
        ...[state, first, long].map((each) => JSON.stringify(each)),
      ]),
    ),
  );
  // Whoever sees the half of another's long line begins a new one, which then is empty.
  const all = files().flatMap((name) =>
    readFileSync(join(state.path, name), 'utf8')
      .split('\n')
      .filter((text) => text !== ''),
  );
  const written = all.map((text) => (JSON.parse(text) as RunLine).run);
  expect(written.sort()).toEqual(upTo(179, 0).map(idOf));
  expect(runs()).toEqual(upTo(179, 80).map(idOf));
});
