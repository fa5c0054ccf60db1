import { describe, expect, test } from 'vitest';
import { boundedGrid, type CellOutcome, type Grid, worstOutcome } from '../../../src/core/grid.ts';

const cell = (row: string, outcome: CellOutcome, text = '', detail: readonly string[] = []) => ({
  ...{ row, column: 'import', outcome, text, detail },
});

const grid = (rows: readonly string[], cells: Grid['cells']): Grid => ({
  ...{ title: 'entries', rowsAre: 'entry', columnsAre: 'form', columns: ['import'], rows, cells },
});

describe('a bounded grid', () => {
  const rows = Array.from({ length: 1_300 }, (_, index) => `entry ${index}`);

  test('keeps the worst of very many rows, in their order, and says how many are left out', () => {
    const cells = rows.map((row, index) => cell(row, index === 1_234 || index === 7 ? 'failed' : 'passed'));
    const bounded = boundedGrid(grid(rows, cells));
    expect(bounded.rows).toHaveLength(200);
    expect(bounded.rows.slice(0, 3)).toEqual(['entry 0', 'entry 1', 'entry 2']);
    expect(bounded.rows.at(-1)).toBe('entry 1234');
    expect(bounded.cells).toHaveLength(200);
    expect(bounded.title).toBe('entries (1,100 more rows are left out)');
  });

  test('cuts long texts', () => {
    const long = 'x'.repeat(10_000);
    const detail = Array.from({ length: 1_000 }, () => long);
    const [only] = boundedGrid(grid(['a'], [cell('a', 'failed', long, detail)])).cells;
    expect(only?.text).toBe(`${'x'.repeat(400)}…`);
    expect(only?.detail).toEqual(Array.from({ length: 20 }, () => `${'x'.repeat(400)}…`));
  });

  test('leaves one that is small as it is', () => {
    const small = grid(['a', 'b'], [cell('a', 'passed', 'fine', ['one', 'two'])]);
    expect(boundedGrid(small)).toEqual(small);
  });
});

test('the worst outcome counts', () => {
  expect(worstOutcome(['passed', 'note', 'failed', 'inconclusive'])).toBe('failed');
  expect(worstOutcome(['skipped', 'passed'])).toBe('passed');
  expect(worstOutcome([])).toBe('skipped');
});
