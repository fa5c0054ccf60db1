import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Finding } from '../../../../src/core/finding.ts';
import { EXPECT_SUCCESS, PROVE_BY_DEFAULT } from '../../../../src/core/suite.ts';
import { ms } from '../../../../src/core/units.ts';
import type { TypesComponent } from '../../../../src/kinds/types/component.ts';
import type { DeclarationSurvey } from '../../../../src/kinds/types/protocol.ts';
import { sabotage } from '../../../../src/kinds/types/sabotage.ts';
import { surveyFile } from '../../../../src/kinds/types/survey.ts';

const COMPONENT: TypesComponent = {
  ...{
    kind: 'types',
    name: 'types',
    env: {},
    cwd: '/p',
    timeout: ms(1000),
    slow: ms(1000),
    retries: 0,
    flaky: 'warn',
  },
  ...{ needs: [], uses: [], onlyWhenNamed: false, leave: [], before: [], after: [], prove: PROVE_BY_DEFAULT },
  ...{ package: null, sample: '/p/use.ts', language: 'typescript', module: null, completeness: null },
  ...{ negative: [], expect: EXPECT_SUCCESS, overlay: null },
};
const GROUND = { root: '/p', env: {}, seed: 1, shared: [], readyAfter: () => 0 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sabotage-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const EDIT = { file: '/p/lib.d.ts', start: 0, end: 1, text: '' };
const use = (subject: string, isMisused = false): DeclarationSurvey['uses'][number] => ({
  ...{ subject, isMisused, changes: { removed: [EDIT], 'loses-types': [EDIT] } },
});

async function derive(survey: Partial<DeclarationSurvey>, component = COMPONENT) {
  const whole: DeclarationSurvey = { copies: [], folders: [], uses: [], unused: [], ...survey };
  writeFileSync(surveyFile(folder), JSON.stringify(whole));
  const control = { findings: [], events: [], durationMs: 1, folder };
  return sabotage.derive(component, control, GROUND);
}

test('that types are lost must be noticed where a line that must be refused uses them', async () => {
  const { faults } = await derive({ uses: [use('parse', true), use('twice')] });
  expect(faults.map(({ subject, fault, isDemanded }) => [`${subject} ${fault}`, isDemanded])).toEqual([
    ['parse removed', true],
    ['twice removed', true],
    ['parse loses-types', true],
    ['twice loses-types', false],
  ]);
});

test('the sabotaged component is the same one, with a changed copy', async () => {
  const { faults } = await derive({ uses: [use('parse')], folders: ['/p'] });
  const trial = join(folder, 'trial');
  mkdirSync(trial);
  expect(await faults[0]?.sabotage(trial)).toEqual({
    ...COMPONENT,
    overlay: { folder: trial, root: '/p', survey: { copies: [], folders: ['/p'], folder }, edits: [EDIT] },
  });
});

test('trials run side by side, except those of mypy, which keeps a cache', async () => {
  const shared = async (component: TypesComponent) =>
    (await derive({ uses: [use('parse')] }, component)).faults.map(({ sharing }) => sharing);
  expect(await shared(COMPONENT)).toEqual(['all', 'all']);
  expect(await shared({ ...COMPONENT, language: 'python' } as TypesComponent)).toEqual([
    undefined,
    undefined,
  ]);
});

test('a package is tried with one compiler and one way to look for modules', async () => {
  const {
    package: _,
    language: _l,
    module: _m,
    completeness: _c,
    ...shared
  } = COMPONENT as Extract<TypesComponent, { package: null }>;
  const component: TypesComponent = {
    ...shared,
    ...{
      package: { type: 'spec', spec: '.' },
      typescript: ['5.7', '5.9'],
      resolution: ['node16', 'bundler'],
    },
  };
  const instrumented = await sabotage.instrument(component, folder, GROUND);
  expect(instrumented).toMatchObject({
    ok: true,
    value: { typescript: ['5.9'], resolution: ['node16'], overlay: { survey: null, edits: [] } },
  });
  const bare = await sabotage.instrument({ ...component, sample: null } as TypesComponent, folder, GROUND);
  expect(bare).toMatchObject({ ok: false, error: { message: 'no sample uses what the package declares' } });
});

test('exports without a use are listed, the first of very many one by one', async () => {
  const unused = Array.from({ length: 1500 }, (_, index) => `f${index}`);
  const { unreachable } = await derive({ uses: [use('parse')], unused });
  expect(unreachable).toHaveLength(21);
  expect(unreachable.at(0)).toMatchObject({ subject: 'f0', fault: 'removed', isDemanded: false });
  expect(unreachable.at(-1)?.subject).toBe('1,480 more');
});

test('a sample that uses nothing of the project proves nothing', async () => {
  const { faults, unreachable } = await derive({});
  expect(faults).toEqual([]);
  expect(unreachable).toMatchObject([{ fault: 'removed', subject: null, isDemanded: true }]);
});

test('it is noticed when a checker complains of the sample, and not when something else fails', async () => {
  const { faults } = await derive({ uses: [use('parse')] });
  const exit = (step: string, line: string): Finding => ({
    ...{ code: 'exit-code', step, message: `${step} exited with code 2`, evidence: [line] },
    ...{ exitCode: 2, signal: null },
  });
  const isNoticed = (finding: Finding): boolean | undefined => faults[0]?.isNoticed(finding);
  expect(isNoticed(exit('tsc', 'use.ts(1,2): error TS2305: no'))).toBe(true);
  expect(isNoticed(exit('pyright', '/p/use.ts:1:2 - error: no'))).toBe(true);
  expect(isNoticed(exit('tsc', 'other.ts(1,2): error TS2305: no'))).toBe(false);
  expect(isNoticed(exit('sample', 'use.ts:1 Error: no'))).toBe(false);
  expect(isNoticed(exit('sample-esm', 'use.ts:1 Error: no'))).toBe(false);
  const misuse = { code: 'accepted-misuse', message: '', file: 'x.ts', where: [] } as const;
  expect(isNoticed(misuse)).toBe(true);
});
