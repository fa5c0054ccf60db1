/** Outcomes of trials of packages that are kept from one run to the next. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Outcomes } from '../../../bench/package/outcomes.ts';
import type { Trial } from '../../../bench/package/trial.ts';

const ALL = ['ms@2.1.3', '@scope/koa@3.3.0', 'chalk@5.6.2'].map((spec) => ({ spec }));
const trial = (spec: string, said = ''): Trial => ({
  ...{ spec, code: 0, wholeMs: 1, report: null, said, testimony: null, commit: 'aaaaaaa' },
});

test('a run that was ended is carried on by the next, and a package that is named is tried anew', () => {
  const dir = mkdtempSync(join(tmpdir(), 'trials-kept-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'cache', 'outcomes.json');
  const first = new Outcomes(file);
  expect(first.wanted([], ALL)).toEqual(ALL);
  first.keep(trial('chalk@5.6.2'));
  first.keep(trial('ms@2.1.3', 'at first'));

  const next = new Outcomes(file);
  expect(next.wanted([], ALL)).toEqual([{ spec: '@scope/koa@3.3.0' }]);
  expect(next.wanted(['ms', '@scope/koa@3.3.0'], ALL)).toEqual(ALL.slice(0, 2));
  expect(next.wanted(['none'], ALL)).toEqual([]);
  expect(() => next.wanted(['express'], ALL)).toThrow('express is none of the packages');
  next.keep(trial('ms@2.1.3', 'at last'));

  const last = new Outcomes(file).of(ALL);
  expect(last.map(({ spec, said }) => [spec, said])).toEqual([
    ['ms@2.1.3', 'at last'],
    ['chalk@5.6.2', ''],
  ]);
  expect(readdirSync(join(dir, 'cache'))).toEqual(['outcomes.json']);
});
