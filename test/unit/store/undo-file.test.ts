/** What is to be undone is written down before the deed, readable by nobody else, and survives a line that was cut off. */
import { appendFileSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { MachineTrouble } from '../../../src/core/failure.ts';
import type { Undo } from '../../../src/core/undo.ts';
import { ms } from '../../../src/core/units.ts';
import { readUndos, UndoFile, type UndoTerms } from '../../../src/store/undo-file.ts';
import { takeUndoTurn } from '../../../src/store/undo-turn.ts';
import fc from '../../rig/fast-check.ts';

const TERMS: UndoTerms = { tier: 'finders', secrets: ['DSN'] };
const undo = (name: string, env: Record<string, string> = {}): Undo => ({
  kind: 'undo',
  name,
  title: `undo of setup "${name}"`,
  command: { type: 'shell', line: `drop ${name}` },
  cwd: '/tmp',
  env,
  timeout: ms(60_000),
});

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'undos-'));
  path = join(dir, 'undos.ndjson');
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
});

const idsIn = (file: string): string[] => readUndos(file).map(({ id }) => id);

test('what is left is given the latest first, without what is done', () => {
  const file = UndoFile.open(path);
  for (const id of ['one', 'two', 'three']) file.register(id, undo(id), TERMS);
  file.done('two');
  const failure = { exitCode: 1, signal: null, message: 'no' };
  file.failed('one', failure);
  expect(readUndos(path)).toEqual([
    { type: 'registered', id: 'three', undo: undo('three'), terms: TERMS, failure: undefined },
    { type: 'registered', id: 'one', undo: undo('one'), terms: TERMS, failure },
  ]);
});

test('what is learned later belongs to its environment', () => {
  const file = UndoFile.open(path);
  file.register('one', undo('one', { A: '1', B: '1' }), TERMS);
  file.learned('one', { B: '2', C: '2' });
  expect(readUndos(path)[0]?.undo.env).toEqual({ A: '1', B: '2', C: '2' });
});

test('nobody else may read it', () => {
  UndoFile.open(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('there is nothing where there is no file', () => {
  expect(readUndos(path)).toEqual([]);
});

test('lines of another shape are skipped, and the others are read', () => {
  const file = UndoFile.open(path);
  file.register('first', undo('first'), TERMS);
  const whole = { type: 'registered', id: 'odd', undo: undo('odd'), terms: TERMS };
  const odd = [
    ...[null, 7, 'text', [], {}, { type: 'registered' }, { type: 'registered', id: 'odd' }],
    ...['kind', 'name', 'title', 'command', 'cwd', 'env', 'timeout'].map((key) => ({
      ...whole,
      undo: { ...whole.undo, [key]: undefined },
    })),
    ...[{ type: 'shell' }, { type: 'argv', argv: [] }, { type: 'argv', argv: [7] }, { type: 'other' }].map(
      (command) => ({ ...whole, undo: { ...whole.undo, command } }),
    ),
    ...[
      { ...whole, terms: undefined },
      { ...whole, undo: { ...whole.undo, env: { A: 7 } } },
    ],
    ...[
      { type: 'learned', id: 'first', env: { A: 7 } },
      { type: 'learned', id: 'first' },
    ],
    ...[
      { type: 'failed', id: 'first' },
      { type: 'failed', id: 'first', failure: {} },
    ],
    ...[
      { type: 'unheard of', id: 'first' },
      { type: 'done', id: ['first'] },
    ],
  ];
  for (const line of odd) appendFileSync(path, `${JSON.stringify(line)}\n`);
  file.register('last', undo('last'), TERMS);
  expect(readUndos(path)).toEqual(
    ['last', 'first'].map((id) => ({
      ...{ type: 'registered', id, undo: undo(id), terms: TERMS },
      failure: undefined,
    })),
  );
});

test('wherever a line was cut off, those before and after it are read', () => {
  fc.assert(
    fc.property(fc.nat({ max: 200 }), fc.string(), (length, value) => {
      rmSync(path, { force: true });
      const file = UndoFile.open(path);
      file.register('first', undo('first', { VALUE: value }), TERMS);
      const whole = readFileSync(path, 'utf8').trim().replace('first', 'torn');
      appendFileSync(path, `\n${whole.slice(0, Math.min(length, whole.length - 1))}`);
      file.register('last', undo('last'), TERMS);
      expect(idsIn(path)).toEqual(['last', 'first']);
      file.close(true);
    }),
  );
});

describe('a full disk', () => {
  test('is trouble with the machine that names what would not have been undone', () => {
    const full = UndoFile.open('/dev/full');
    const register = (): void => full.register('one', undo('createdb'), TERMS);
    expect(register).toThrow(MachineTrouble);
    expect(register).toThrow(
      /^the undo of setup "createdb" cannot be written to \/dev\/full \(no space is left on the disk\), and nothing is done/,
    );
  });

  test('does not keep it from being noted as done, as far as anybody can tell', () => {
    const full = UndoFile.open('/dev/full');
    expect(() => full.done('one')).not.toThrow();
  });
});

test('it is removed when nothing is left to undo, and stays when something is', () => {
  UndoFile.open(path).close(true);
  expect(existsSync(path)).toBe(true);
  UndoFile.open(path).close(false);
  expect(existsSync(path)).toBe(false);
});

test.skipIf(process.platform !== 'linux')(
  'it can be read and continued by its descriptor when it has been removed, and is put back',
  () => {
    const file = UndoFile.open(path);
    file.register('one', undo('one'), TERMS);
    rmSync(path);
    const inherited = `/proc/self/fd/${file.fd}`;
    expect(idsIn(inherited)).toEqual(['one']);
    const again = UndoFile.open(inherited);
    again.done('one');
    again.close(true);
    expect(idsIn(inherited)).toEqual([]);
    file.restore();
    expect(existsSync(path)).toBe(true);
  },
);

describe('of two who would undo the same', () => {
  const HOLDER = { end: expect.any(Function) };

  test('one may, and the next once that one has ended', () => {
    const first = takeUndoTurn(dir);
    expect(first).toEqual(HOLDER);
    if (typeof first !== 'number') first.end();
    expect(takeUndoTurn(dir)).toEqual(HOLDER);
  });

  test('one who has been killed holds up nobody', () => {
    const turn = takeUndoTurn(dir);
    const holder = readFileSync(join(dir, 'undo.turn-1'), 'utf8');
    const [, ...rest] = holder.split('.');
    const closed = openSync(join(dir, 'undo.turn-1'), 'w');
    appendFileSync(closed, ['4194305', ...rest].join('.'));
    expect(takeUndoTurn(dir)).toEqual(HOLDER);
    expect(turn).toEqual(HOLDER);
  });

  test('one who is alive is waited for', () => {
    takeUndoTurn(dir);
    const path = join(dir, 'undo.turn-1');
    const [, , ...rest] = readFileSync(path, 'utf8').split('.');
    const ticks = /\) (.*)/.exec(readFileSync('/proc/1/stat', 'utf8'))?.[1]?.split(' ')[19];
    const fd = openSync(path, 'w');
    appendFileSync(fd, ['1', ticks, ...rest].join('.'));
    expect(takeUndoTurn(dir)).toBe(1);
  });
});
