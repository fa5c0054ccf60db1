import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HookedRuntime } from '../../../src/core/module-fault.ts';
import type { Component } from '../../../src/core/suite.ts';
import { underTest } from '../../../src/kinds/module-sabotage.ts';
import { triedModules } from '../../../src/kinds/tried-modules.ts';

test.each<[HookedRuntime, string]>([
  ['node', "prove: { module: './src/index.js' }"],
  ['python', "prove: { module: 'orjson' }"],
])('a project without a module is told how to name one in its own language: %s', (runtime, example) => {
  const root = mkdtempSync(join(tmpdir(), 'under-test-'));
  try {
    writeFileSync(join(root, 'package.json'), '{ "name": "shop", "private": true }');
    const component = { cwd: root, prove: { modules: [], demand: [], ignore: {} } } as unknown as Component;
    const found = underTest(component, { root, env: {}, seed: 1, shared: [], readyAfter: () => 0 }, [
      runtime,
    ]);
    expect(found).toMatchObject({ ok: false, error: { hint: expect.stringContaining(example) } });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('what a component tries is what it names, or what the project makes that its suite is a folder of', () => {
  const root = mkdtempSync(join(tmpdir(), 'tried-'));
  try {
    const suite = join(root, 'integration');
    mkdirSync(suite);
    mkdirSync(join(root, 'sums'));
    writeFileSync(join(root, 'sums/__init__.py'), '');
    writeFileSync(join(root, 'pyproject.toml'), '[project]\nname = "sums"\n');
    const component = (modules: string[], more = {}) =>
      ({ cwd: suite, prove: { modules, demand: [], ignore: {} }, ...more }) as unknown as Component;
    expect(triedModules(component([]), suite)).toEqual({ names: ['sums'], projects: [root] });
    expect(triedModules(component(['orjson']), suite)).toEqual({ names: ['orjson'], projects: [] });
    expect(triedModules(component([], { module: './a.mjs' }), suite)).toEqual({
      names: ['./a.mjs'],
      projects: [],
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
