/** How the files of an init component are loaded. */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { InitComponent } from '../../../../src/kinds/init/component.ts';
import { initPrograms } from '../../../../src/kinds/init/program.ts';

const readsTypescript = 'typescript' in process.features && process.features.typescript !== false;

async function scenarioOf(module: string, use: string | null): Promise<string> {
  const component = { language: 'node', module, use, cwd: resolve('.') } as InitComponent;
  const programs = await initPrograms(component, { PATH: '' });
  if (!programs.ok) throw new Error(programs.error.message);
  return programs.value.scenario('worker').join(' ');
}

test.skipIf(readsTypescript).each([
  ['./src/index.ts', null],
  ['./src/index.ts', 'start'],
  ['./src/index.mts', './a:b.ts:start'],
])('%s with %s is loaded by jiti', async (module, use) => {
  expect(await scenarioOf(module, use)).toMatch(/--import .*harness-init\.js by-jiti worker/);
});

test.each([
  ['a file in JavaScript may import the module', './src/index.ts', './use.js:start'],
  ['one in TypeScript may import that in JavaScript', './index.js', './use.ts:start'],
  ['of a package only Node knows the place', 'shakedown/src/index.ts', null],
])('%s: no file is loaded by jiti', async (_, module, use) => {
  const scenario = await scenarioOf(module, use);
  expect(scenario).not.toContain('by-jiti');
  if (!readsTypescript) expect(scenario).toContain('--import');
});

test('JavaScript needs no loader', async () => {
  expect(await scenarioOf('./index.js', './use.js:start')).not.toMatch(/--import|by-jiti/);
});

test('a package for Python is also tried with other settings of the interpreter, each as one would type it', async () => {
  const component = { language: 'python', module: 'lib', use: null, cwd: '/', parts: ['scenarios', 'modes'] };
  const programs = await initPrograms(component as unknown as InitComponent, {
    PATH: process.env.PATH ?? '',
  });
  if (!programs.ok) throw new Error(programs.error.message);
  const { chains, scenario } = programs.value;
  const started = chains.flat().map((each) => [
    each,
    scenario(each)
      .join(' ')
      .replace(/ -X faulthandler .*/, ''),
  ]);
  expect(Object.fromEntries(started)).toMatchObject({
    fork: expect.stringMatching(/^python3?$/) as string,
    optimized: expect.stringMatching(/ -O$/) as string,
    warnings: expect.stringContaining(' -W error -B ') as string,
    development: expect.stringMatching(/ -X dev$/) as string,
    'debug-memory': expect.stringMatching(/^env PYTHONMALLOC=debug /) as string,
    'hash-seed': expect.stringMatching(/^env PYTHONHASHSEED=\d+ /) as string,
  });
  const usual = await initPrograms({ ...component, parts: ['scenarios'] } as unknown as InitComponent, {
    PATH: process.env.PATH ?? '',
  });
  expect(usual.ok && usual.value.chains.flat()).toEqual(['fork', 'subinterpreter']);
});
