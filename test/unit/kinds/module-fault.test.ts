/** What is read of the records of hooks, and the environment that brings them in. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ModuleFault } from '../../../src/core/module-fault.ts';
import {
  faultEnvironment,
  HOOKS,
  readModuleFault,
  wereOrdered,
  whyUnwritten,
} from '../../../src/kinds/common/module-fault.ts';
import { HookedFolder } from '../../rig/hooked.ts';

const named = (fn: number, module: string, name: string) => JSON.stringify({ fn, as: { module, name } });
const counts = (fn: number, more: object) => JSON.stringify({ fn, ...more });

function read(...processes: readonly string[][]) {
  using folder = new HookedFolder(
    Object.fromEntries(processes.map((lines, index) => [`${index}.ndjson`, `${lines.join('\n')}\n`])),
  );
  return readModuleFault(folder.path);
}

test('the counts of processes add up, those of one grow', () => {
  const report = read(
    [
      '{"imported":"m"}',
      named(1, 'm', 'f'),
      counts(1, { calls: 1, from: 'main', results: ['int'] }),
      counts(1, { calls: 5, changed: 2, from: 'main' }),
    ],
    [
      '{"imported":"m"}',
      named(7, 'm', 'f'),
      counts(7, { calls: 2, changed: 2, from: 'worker', results: ['str'] }),
    ],
  );
  expect(report.functions).toEqual([
    { module: 'm', name: 'f', aliases: [], calls: 7, changed: 4, from: 'both', results: ['int', 'str'] },
  ]);
  expect(report).toMatchObject({ processes: 2, imported: ['m'] });
});

test('lines that no hook writes are not read', () => {
  const forged = [
    { fn: 2, as: { module: 'm', name: 'g' }, results: 5 },
    { fn: 2, as: { module: 'm', name: 'g' }, results: [{}] },
    { fn: 2, as: 7, calls: 'many' },
    { fn: {}, as: { module: 'm', name: 'g' } },
    { fn: 1, calls: -1 },
    { fn: 1, calls: 1e308, from: 'moon' },
    { imported: {} },
    { changedImports: 'x' },
    { unhookable: 5 },
    { unhookable: { module: {}, name: 3, reason: ['a'] } },
    ...[null, [], 7],
  ].map((each) => JSON.stringify(each));
  const honest = [named(1, 'm', 'f'), counts(1, { calls: 1, from: 'main', results: ['int'] })];
  const { functions, imported, changedImports, unhookable } = read([...forged, ...honest, ...forged]);
  expect(functions).toEqual(read(honest).functions);
  expect({ imported, changedImports, unhookable }).toEqual({
    ...{ imported: [], changedImports: 0, unhookable: [] },
  });
});

test('one function with a name in common is one, called as importers would', () => {
  const { functions } = read(
    [named(1, 'p._impl', 'f'), named(1, 'p', 'f')],
    [named(1, 'p._impl', 'f'), counts(1, { calls: 1, from: 'main' })],
    [named(1, 'p.api', 'f')],
    [named(2, 'p', 'f'), named(2, 'p.api', 'f')],
  );
  expect(functions).toMatchObject([{ module: 'p', name: 'f', calls: 1 }]);
  expect(functions[0]?.aliases).toEqual([
    { module: 'p.api', name: 'f' },
    { module: 'p._impl', name: 'f' },
  ]);
});

test('what is private counts where it is called', () => {
  const lines = [named(1, 'p._x', 'f'), named(2, 'p._x', 'g'), counts(2, { calls: 3, from: 'main' })];
  expect(read(lines).functions.map(({ name }) => name)).toEqual(['g']);
});

test('a line that was cut short, and files of others, are left out', () => {
  using folder = new HookedFolder({
    'a.ndjson': `${named(1, 'm', 'f')}\n{"changedImports":1}\n{"fn":1,"ca`,
    'b.txt': named(1, 'm', 'g'),
    'c.ndjson/d': '',
  });
  expect(readModuleFault(folder.path)).toMatchObject({
    processes: 1,
    changedImports: 1,
    functions: [{ name: 'f' }],
  });
  expect(readModuleFault(join(folder.path, 'none'))).toMatchObject({ processes: 0, functions: [] });
});

test('what cannot be hooked is told once, by the name that importers use, however many modules export it', () => {
  const fixed = (module: string, name: string | null, reason: string) =>
    JSON.stringify({ unhookable: { module, name, reason } });
  const why = "cannot set 'pack' attribute of immutable type 'p._c.Packer'";
  const report = read(
    [fixed('p._c', 'Packer.pack', why), fixed('p', 'Packer.pack', why)],
    [fixed('p._c', 'Packer.pack', why), fixed('p.a', null, 'odd'), fixed('p.b', null, 'odd')],
  );
  expect(report.unhookable).toEqual([
    { module: 'p', name: 'Packer.pack', reason: why },
    { module: 'p.a', name: null, reason: 'odd' },
    { module: 'p.b', name: null, reason: 'odd' },
  ]);
});

test('what the environment says already stays in force', () => {
  using folder = new HookedFolder({});
  const fault = (runtime: 'node' | 'python'): ModuleFault => ({ runtime, modules: [], change: 'none' });
  const orders = join(folder.path, 'fault.json');
  expect(faultEnvironment(fault('python'), { PYTHONPATH: '/a', A: 'b' }, folder.path)).toEqual({
    ...{ PYTHONPATH: `${HOOKS}:/a`, A: 'b', SHAKEDOWN_FAULT: orders },
  });
  expect(faultEnvironment(fault('node'), { NODE_OPTIONS: '--no-warnings' }, folder.path)).toEqual({
    ...{ NODE_OPTIONS: `--require "${HOOKS}/main.cjs" --no-warnings`, SHAKEDOWN_FAULT: orders },
  });
  // A Node that may not read the hooks would not start.
  const guarded = { NODE_OPTIONS: '--permission' };
  expect(faultEnvironment(fault('node'), guarded, folder.path)).toEqual(guarded);
});

test('who had the hooks in place is told from who imported a module, and from who never recorded its end', () => {
  const [began, ended] = ['{"began":1}', '{"ended":1}'];
  const report = read(
    [began, ended],
    [began, '{"imported":"m"}', named(1, 'm', 'f'), ended],
    [began, '{"imported":"m"}'],
    // A thread of a process that has told itself.
    ['{"imported":"m"}', named(1, 'm', 'f'), counts(1, { calls: 1 })],
  );
  expect(report).toMatchObject({ hooked: 3, silent: 1, processes: 3 });
});

test('a folder that cannot be written keeps the hooks out, and is told instead of thrown', () => {
  using folder = new HookedFolder({ file: '' });
  const env = { PYTHONPATH: '/a' };
  const fault: ModuleFault = { runtime: 'python', modules: [], change: 'none' };
  for (const place of ['file/records', 'file']) {
    const records = join(folder.path, place);
    expect(faultEnvironment(fault, env, records)).toEqual(env);
    expect(whyUnwritten(records)?.message).toMatch(/ENOTDIR|EEXIST/);
    expect(wereOrdered(records)).toBe(false);
  }
  const records = join(folder.path, 'records');
  expect(whyUnwritten(records)).toBeUndefined();
  expect(faultEnvironment(fault, env, records)).toMatchObject({
    SHAKEDOWN_FAULT: join(records, 'fault.json'),
  });
  expect(wereOrdered(records)).toBe(true);
});
