/** The matrix of the ways to start, as reports show it. */
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../../src/core/finding.ts';
import { verdictOf } from '../../../../src/kinds/index.ts';
import type { InitComponent } from '../../../../src/kinds/init/component.ts';
import { initGrid, type TriedScenario } from '../../../../src/kinds/init/grid.ts';
import type { Tried } from '../../../../src/kinds/init/process.ts';
import { type InitReport, NOTHING_DONE } from '../../../../src/kinds/init/protocol.ts';

const COMPONENT = { module: './lib/index.js', use: 'parse' } as InitComponent;
const WANTED = ['worker', 'reload', 'formats', 'vm'] as const;

const tried = (report: Partial<InitReport>, ...findings: Finding[]): Tried => ({
  ...{ findings, report: { ...NOTHING_DONE, doing: null, ...report } },
});
const scenario = (name: TriedScenario['scenario'], ...how: Parameters<typeof tried>): TriedScenario => ({
  ...{ scenario: name, ...tried(...how) },
});
const failure = (doing: string | null): Finding => ({
  ...{ code: 'init-failed', message: `failed while ${doing}`, doing, exitCode: 1, signal: null },
});
const INSTANCES: Finding = { code: 'two-instances', message: 'two instances of cache', differing: ['cache'] };

/** Rows of outcomes, in the order of the columns. */
function outcomes(together: readonly Tried[], scenarios: readonly TriedScenario[], component = COMPONENT) {
  const { rows, columns, cells } = initGrid(component, WANTED, together, scenarios, { verdictOf });
  const of = (row: string, column: string) =>
    cells.find((each) => each.row === row && each.column === column);
  return { columns, rows: rows.map((row) => columns.map((column) => of(row, column)?.outcome)), cells };
}

describe('a module that starts well', () => {
  const { columns, rows, cells } = outcomes(
    [tried({}), tried({})],
    WANTED.map((name) =>
      scenario(
        name,
        name === 'formats' ? { differing: ['cache'] } : {},
        ...(name === 'formats' ? [INSTANCES] : []),
      ),
    ),
  );

  test('is green, with a note where there is one', () => {
    expect(columns).toEqual(['loaded', 'used for the first time', 'ended']);
    expect(rows).toEqual([
      ['passed', 'passed', 'passed'],
      ['passed', 'passed', 'passed'],
      ['passed', 'passed', 'passed'],
      ['note', 'passed', 'passed'],
      ['passed', 'passed', 'passed'],
    ]);
  });

  test('says what was tried', () => {
    expect(cells.slice(0, 3).map(({ row, text }) => [row, text])).toEqual([
      ['in 2 fresh processes at once', 'index.js, 2 times'],
      ['in 2 fresh processes at once', 'parse, 2 times'],
      ['in 2 fresh processes at once', 'by itself, 2 times'],
    ]);
  });
});

test('what fails is red where it fails, and what comes after that is not reached', () => {
  const using = 'using ./lib/index.js for the first time in a worker';
  const { rows, cells } = outcomes(
    [tried({ doing: 'loading ./lib/index.js' }, failure('loading ./lib/index.js')), tried({})],
    [
      scenario('worker', { doing: using }, failure(using)),
      scenario('formats', {}, failure(null)),
      scenario('vm', { notTried: 'it is an ES module' }),
    ],
  );
  expect(rows).toEqual([
    ['failed', 'passed', 'passed'],
    ['passed', 'failed', 'skipped'],
    ['skipped', 'skipped', 'skipped'],
    ['passed', 'passed', 'failed'],
    ['skipped', 'skipped', 'skipped'],
  ]);
  expect(cells[0]).toMatchObject({
    text: 'failed while loading ./lib/index.js',
    detail: ['tried: index.js', 'init-failed: failed while loading ./lib/index.js'],
  });
  expect(cells[1]?.text).toBe('parse');
  expect(cells.at(-1)?.text).toBe('it is an ES module');
});

test('one that is only loaded has no column for its use', () => {
  const { columns } = outcomes([tried({})], [], { ...COMPONENT, use: null });
  expect(columns).toEqual(['loaded', 'ended']);
});
