import { expect, test } from 'vitest';
import { proofGrids } from '../../../src/report/proof-grid.ts';
import { CUT, FAILED, fold, PROOF } from './runs.ts';

test('the trials of a proof are a matrix for each kind', () => {
  const [http, ...others] = proofGrids(fold(PROOF));
  expect(http?.cells.map(({ row, column, outcome, text }) => [row, column, outcome, text])).toEqual([
    ['http', 'status-500', 'failed', 'blind (1,204 of 1,204)'],
    ['http', 'truncated-body', 'passed', 'noticed (1,204 of 1,204)'],
    ['http', 'server-dies', 'passed', 'noticed by Shakedown (1,204 of 1,204)'],
    ['http: dumps', 'wrong-result', 'note', 'not reached'],
  ]);
  expect(http?.cells[0]?.detail).toEqual([
    'every answer was 500 (1,204 of 1,204), and client passed',
    'have the client check the status',
  ]);
  expect(others).toEqual([]);
});

test('a run that proves nothing has none', () => {
  expect(proofGrids(fold(FAILED))).toEqual([]);
});

test('faults for which there was no time are not tried', () => {
  const [grid] = proofGrids(fold(CUT));
  expect(grid?.cells.map(({ outcome, detail }) => [outcome, ...detail])).toEqual([
    ['skipped', 'the budget was used up before its turn'],
    ['skipped', 'the budget was used up before its turn'],
    ['skipped', 'left out: the budget was used up'],
  ]);
});
