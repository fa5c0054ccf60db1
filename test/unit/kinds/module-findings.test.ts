/** What the look at a module before its threads comes to. */
import { expect, test } from 'vitest';
import type { ModuleTrial } from '../../../src/kinds/threads/component.ts';
import { surveyFindings } from '../../../src/kinds/threads/module-findings.ts';
import type { Survey } from '../../../src/kinds/threads/protocol.ts';

const trial = { type: 'module', module: './a.mjs', workers: 2 } as unknown as ModuleTrial;

const codesOf = (failure: Survey['failure']): string[] =>
  surveyFindings('a.mjs', trial, {
    report: { url: '', operations: [], missing: [], functions: [], values: '', keepsAlive: false, failure },
    exit: { code: 0, signal: null },
    stalled: false,
    output: [],
    findings: [],
  } as unknown as Parameters<typeof surveyFindings>[2]).map(({ code }) => code);

const words = "Error: Cannot find package 'bun:ffi' imported from /srv/a.mjs\n    at load";

test('what Node does not find of another runtime cannot be tried here', () => {
  expect(codesOf({ words, code: 'ERR_MODULE_NOT_FOUND' })).toEqual(['other-runtime']);
});

test('a module that says the like by itself has failed', () => {
  expect(codesOf({ words, code: null })).toEqual(['cannot-load']);
  expect(codesOf({ words, code: 'OWN' })).toEqual(['cannot-load']);
});
