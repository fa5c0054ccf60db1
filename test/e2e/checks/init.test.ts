/** Every fixture of the kind `init`: a defect with the finding that it must give, and its sound twin, which must pass. */
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FindingCode } from '../../../src/core/finding.ts';
import { FIXTURES, type InitFixture, isLacking, layOut } from '../../fixtures/checks/init.ts';
import { type JsonComponent, Rig } from '../../rig/rig.ts';
import { cellOutcomes, codesOf, componentOf } from '../../rig/services.ts';
import { firstOfEach, isThorough } from '../../rig/thorough.ts';

const GENEROUS = 300_000;

async function trial(fixture: InitFixture, twin: 'defect' | 'sound'): Promise<JsonComponent> {
  await using rig = await Rig.create();
  rig.config({ components: { it: layOut(fixture, twin, rig.dir) } });
  await rig.run(['--report', 'json=report.json']);
  return componentOf(rig.report(), 'it');
}

const FOUND = firstOfEach(FIXTURES, ({ code }) => code);
const cases = FIXTURES.map((fixture) => ({ ...fixture, isFound: FOUND.includes(fixture) }));

describe.each(cases)('$name', { timeout: GENEROUS }, (fixture) => {
  test.runIf(fixture.isFound && !isLacking(fixture))('the defect is found', async () => {
    const component = await trial(fixture, 'defect');
    const failures = component.findings.filter(
      ({ code }) => code !== 'start-profile' && code !== 'two-instances',
    );
    expect(failures.map(({ code }) => code)).toEqual([fixture.code]);
    expect(failures[0]?.message).toMatch(fixture.message);
    if (fixture.step !== undefined) expect(failures[0]?.step).toMatch(new RegExp(`^${fixture.step}\\b`));
    if (fixture.evidence !== undefined)
      expect(failures[0]?.evidence).toEqual(
        expect.arrayContaining([expect.stringMatching(fixture.evidence)]),
      );
    expect(failures[0]?.hint).not.toBe('');
    const isOfStart = /start|module/.test(fixture.code);
    if (!isOfStart) expect(cellOutcomes(component)).toContain('failed');
  });

  // By default the library of docs/init.md is one that passes.
  test.runIf(isThorough && !isLacking(fixture))('its sound twin passes', async () => {
    const component = await trial(fixture, 'sound');
    expect([component.verdict, codesOf(component).filter((code) => code !== 'two-instances')]).toEqual([
      'passed',
      ['start-profile'],
    ]);
  });
});

describe('a module that prints a crash report', { timeout: GENEROUS }, () => {
  const findings = async (expectation: object): Promise<readonly FindingCode[]> => {
    await using rig = await Rig.create();
    rig.write('library.mjs', "console.error('FATAL ERROR: known to happen');\n");
    rig.config({
      components: { it: { kind: 'init', module: './library.mjs', processes: 2, ...expectation } },
    });
    await rig.run(['--report', 'json=report.json']);
    return codesOf(componentOf(rig.report(), 'it'));
  };

  test('fails', async () => {
    expect(await findings({})).toEqual(['forbidden-output']);
  });

  test.runIf(isThorough)('passes where it is allowed', async () => {
    expect(await findings({ expect: { allow: 'known to happen' } })).toEqual(['start-profile']);
  });
});

describe('a package that offers one form', { timeout: GENEROUS }, () => {
  test.runIf(isThorough).each([
    ['import', { import: './index.mjs' }],
    ['require', { require: './index.cjs' }],
  ])('to %s alone is sound', async (_form, exported) => {
    await using rig = await Rig.create();
    rig.write('package.json', JSON.stringify({ name: 'single', exports: exported }));
    rig.write('index.mjs', 'export const form = "import";\n');
    rig.write('index.cjs', 'exports.form = "require";\n');
    rig.config({ components: { it: { kind: 'init', module: 'single', processes: 2 } } });
    await rig.run(['--report', 'json=report.json']);
    const component = componentOf(rig.report(), 'it');
    expect(codesOf(component)).toEqual(['start-profile']);
    expect(component.verdict).toBe('passed');
  });
});

test.runIf(isThorough)(
  'a module in TypeScript may start workers and children in TypeScript, and be used by JavaScript',
  {
    timeout: GENEROUS,
  },
  async () => {
    await using rig = await Rig.create();
    symlinkSync(resolve('node_modules'), join(rig.dir, 'node_modules'));
    rig.write('package.json', '{ "type": "module" }');
    rig.write('half.ts', 'export const half = (n: number): number => n / 2;\n');
    rig.write(
      'worker.ts',
      `import { parentPort } from 'node:worker_threads';\n${POSTS}parentPort?.postMessage(n);\n`,
    );
    rig.write('child.ts', `${POSTS}process.send?.(n);\nprocess.disconnect?.();\n`);
    rig.write('lib.ts', STARTS_OTHERS);
    rig.write(
      'use.ts',
      "import * as lib from './lib.ts';\nexport const use = (it: typeof lib) => lib.check(it.state);\n",
    );
    rig.write(
      'use.js',
      "import * as lib from './lib.ts';\nexport const use = (it) => lib.check(it.state);\n",
    );
    const init = (file: string) => ({ kind: 'init', module: './lib.ts', use: `./${file}:use`, processes: 1 });
    const files = { typescript: 'use.ts', ...(isThorough ? { javascript: 'use.js' } : {}) };
    const components = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, init(file)]));
    rig.config({ components });
    await rig.run(['--keep-going', '--report', 'json=report.json']);
    for (const name of Object.keys(files))
      expect(codesOf(componentOf(rig.report(), name))).toEqual(['start-profile']);
  },
);

/** The half of a number in TypeScript, to be posted. */
const POSTS = "import { half } from './half.ts';\nconst n: number = half(4);\n";
const STARTS_OTHERS = `import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
export const state: object = {};
export async function check(same: unknown): Promise<void> {
  if (same !== state) throw new Error('loaded twice');
  if (!process.argv.includes('process')) return;
  const said = (other: Worker | ReturnType<typeof fork>): Promise<unknown[]> => once(other, 'message');
  const all = [new Worker(new URL('./worker.ts', import.meta.url)), fork(new URL('./child.ts', import.meta.url))];
  const numbers = (await Promise.all(all.map(said))).flat().filter((each) => typeof each === 'number');
  if (numbers.join() !== '2,2') throw new Error(numbers.join());
}
`;

test('a module of another runtime is told from an error in the same words', {
  timeout: GENEROUS,
}, async () => {
  await using rig = await Rig.create();
  rig.write('bun.cjs', "require('bun');\n");
  rig.write('alike.cjs', 'throw new Error("Cannot find module \'bun\'");\n');
  const init = (module: string) => ({ kind: 'init', module, processes: 2 });
  rig.config({ components: { bun: init('./bun.cjs'), alike: init('./alike.cjs') } });
  await rig.run(['--keep-going', '--report', 'json=report.json']);
  const told = (name: string) => new Set(codesOf(componentOf(rig.report(), name)));
  expect(told('bun')).toEqual(new Set(['other-runtime']));
  expect(told('alike')).toEqual(new Set(['init-failed']));
});
