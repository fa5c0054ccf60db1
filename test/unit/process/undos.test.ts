/** What a run has registered to be undone: carried out once, the latest first, and noted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Undo, UndoFailure } from '../../../src/core/undo.ts';
import { ms } from '../../../src/core/units.ts';
import { Undos } from '../../../src/process/undo/undos.ts';
import { readUndos, UndoFile } from '../../../src/store/undo-file.ts';

let path: string;
let undos: Undos;
let carriedOut: Undo[];
let ids: string[];
let reserved: string[];
let fails: (name: string) => UndoFailure | undefined;

beforeEach(() => {
  const dir = mkdtempSync(join(tmpdir(), 'undos-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  path = join(dir, 'undos.ndjson');
  carriedOut = [];
  ids = [];
  reserved = [];
  fails = () => undefined;
  undos = new Undos(UndoFile.open(path), {
    terms: () => ({ tier: 'finders', secrets: [] }),
    reserve: ({ name }) => reserved.push(name),
    carryOut: async (undo, id) => {
      carriedOut.push(undo);
      ids.push(id);
      return fails(undo.name);
    },
  });
});

const register = (name: string, kind: Undo['kind'] = 'undo') =>
  undos.register(
    {
      ...{ kind, name, title: name, command: { type: 'shell', line: 'true' } },
      ...{ cwd: '/', env: {}, timeout: ms(1000) },
    },
    name,
  );
const names = (): string[] => carriedOut.map(({ name }) => name);

test('each has an id by which a user can tell it, and no other has', async () => {
  for (const label of ['db', 'db', 'db']) register(label);
  register('db', 'teardown');
  await undos.carryOutAll();
  expect(ids).toEqual(['teardown-db', 'undo-db.3', 'undo-db.2', 'undo-db']);
});

test('at the end it carries out what nobody has, the latest first', async () => {
  const [, two] = [register('one'), register('two'), register('three')];
  expect(reserved).toEqual(['one', 'two', 'three']);
  two.done();
  await undos.carryOutAll();
  expect(names()).toEqual(['three', 'one']);
  expect(undos.isEmpty).toBe(true);
  expect(readUndos(path)).toEqual([]);
});

test('it carries each out once, however often and by whomever it is asked', async () => {
  const one = register('one');
  expect(await Promise.all([one.carryOut(), one.carryOut()])).toEqual([true, true]);
  await undos.carryOutAll();
  expect(await one.carryOut()).toBe(true);
  expect(names()).toEqual(['one']);
});

test('one that fails keeps none of the others from being carried out, and stays', async () => {
  const failure = { exitCode: 3, signal: null, message: 'one exited with code 3' };
  fails = (name) => (name === 'two' ? failure : undefined);
  for (const name of ['one', 'two', 'three']) register(name);
  await undos.carryOutAll();
  expect(names()).toEqual(['three', 'two', 'one']);
  expect(undos.isEmpty).toBe(false);
  expect(readUndos(path)).toMatchObject([{ undo: { name: 'two' }, failure }]);
});

test('what it learns is in its environment', async () => {
  register('one').learn({ ID: '7' });
  await undos.carryOutAll();
  expect(carriedOut).toMatchObject([{ env: { ID: '7' } }]);
});

test('what is registered while others are carried out is carried out too', async () => {
  register('one');
  fails = (name) => {
    if (name === 'one') register('late');
    return undefined;
  };
  await undos.carryOutAll();
  expect(names()).toEqual(['one', 'late']);
});
