/** What the oracles say of a package, beside what Shakedown has found. */
import { expect, test } from 'vitest';
import { compareWithOracles } from '../../../bench/package/agreement.ts';
import type { Objection } from '../../../bench/package/testimony.ts';
import type { FindingCode } from '../../../src/core/finding.ts';

const attw = (code: string): Objection => ({ oracle: 'attw', code, where: ['. (node16-esm)'] });
const compare = (objections: readonly Objection[], ...found: readonly FindingCode[]) =>
  compareWithOracles('lib@1.0.0', { objections, silent: [] }, new Set(found));

test('what both say is agreed, a note among the findings as well', () => {
  expect(compare([attw('FalseCJS')], 'module-format', 'since-release')).toEqual([
    { says: 'attw', code: 'FalseCJS', answer: { same: ['module-format'] } },
  ]);
});

test('what an oracle says alone has a reason, or is open', () => {
  expect(compare([attw('CJSResolvesToESM'), attw('FalseESM')])).toEqual([
    { says: 'attw', code: 'CJSResolvesToESM', answer: { because: expect.stringContaining('on purpose') } },
    { says: 'attw', code: 'FalseESM', answer: undefined },
  ]);
});

test('a general reason tells what was seen in the package, or that nobody has looked', () => {
  const of = (spec: string) =>
    compareWithOracles(spec, { objections: [attw('Untyped')], silent: [] }, new Set())[0]?.answer;
  expect(of('ms@2.1.3')).toEqual({ because: expect.stringContaining('(no file of it ends in `.d.ts`)') });
  expect(of('lib@1.0.0')).toEqual({ because: expect.stringContaining('(nobody has looked') });
});

test('what Shakedown says alone, and an oracle could know, is open; what none could know is not asked', () => {
  expect(compare([], 'wrong-default', 'thread-crash')).toEqual([
    { says: 'Shakedown', code: 'wrong-default', answer: undefined },
  ]);
});

test('what a silent oracle would have said is not known', () => {
  const silent = [{ oracle: 'attw', because: 'no answer in 1 s' }] as const;
  const found = new Set<FindingCode>(['wrong-default']);
  expect(compareWithOracles('lib@1.0.0', { objections: [], silent }, found)).toEqual([]);
});
