/** The matrices of samples, exports and entry points, as reports show them. */
import { expect, test } from 'vitest';
import type { Finding } from '../../../../src/core/finding.ts';
import type { Grid } from '../../../../src/core/grid.ts';
import { entryGrid } from '../../../../src/kinds/entries/grid.ts';
import { verdictOf } from '../../../../src/kinds/index.ts';
import type { Difference } from '../../../../src/kinds/types/compare.ts';
import type { SampleTypesComponent } from '../../../../src/kinds/types/component.ts';
import { exportGrid } from '../../../../src/kinds/types/export-grid.ts';
import type { ComparedEntry, RealExports } from '../../../../src/kinds/types/protocol.ts';
import { toolGrid } from '../../../../src/kinds/types/tool-grid.ts';

const JUDGE = { verdictOf };

const shown = ({ cells }: Grid): string[] =>
  cells.map(({ row, column, outcome, text }) => `${row} × ${column}: ${outcome}: ${text}`);

test('a sample: which file by which tool, and what was not reached', () => {
  const component = { sample: '/srv/sample.py', module: 'lib', language: 'python' } as SampleTypesComponent;
  const tools = [
    { name: 'sample' },
    { name: 'mypy' },
    { name: 'refusal-1', refuses: '/srv/wrong.py' },
    { name: 'stubtest' },
  ];
  const misuse: Finding = {
    ...{ code: 'accepted-misuse', message: 'wrong.py must not type-check, but does' },
    ...{ file: 'wrong.py', where: ['refusal-1'] },
  };
  const tried = tools.slice(0, 3).map((tool, index) => ({ ...tool, findings: index === 2 ? [misuse] : [] }));
  const grid = toolGrid(component, tools, tried, JUDGE);
  expect(shown(grid)).toEqual([
    'sample.py × run: passed: exit code 0',
    'sample.py × mypy: passed: exit code 0',
    'wrong.py × mypy: failed: wrong.py must not type-check, but does',
    'lib × stubtest: skipped: not tried, since an earlier one failed',
  ]);
  expect([grid.rows, grid.columns]).toEqual([
    ['sample.py', 'wrong.py', 'lib'],
    ['run', 'mypy', 'stubtest'],
  ]);
});

test('exports: which entry point in which form', () => {
  const real = (...names: string[]): RealExports => ({ names, default: null, module: null });
  const nothing = { type: 'none' } as const;
  const entry = (specifier: string, required: RealExports | null): ComparedEntry => ({
    ...{ specifier, isMain: false, real: { import: real('a', 'b'), require: required } },
    declared: { import: nothing, require: nothing, bundler: nothing },
  });
  const missing: Difference = {
    specifier: 'lib',
    finding: {
      ...{
        code: 'missing-export',
        message: '"c" is declared, but missing',
        specifier: 'lib',
        forms: ['require'],
      },
      exports: [],
    },
  };
  const grid = exportGrid('lib', [entry('lib', real('a')), entry('lib/sub', null)], [missing], JUDGE);
  expect(shown(grid)).toEqual([
    'lib × import: passed: 2 exports, nothing declared',
    'lib × require: failed: "c" is declared, but missing',
    'lib/sub × import: passed: 2 exports, nothing declared',
  ]);
  expect(grid.rows).toEqual(['lib', 'lib/sub']);
});

test('entry points: what came of each, and the file', () => {
  const load = (specifier: string, form: 'import' | 'require') => ({ specifier, form, file: 'index.js' });
  const about = { name: 'lib', folder: '', declared: [], absent: [], installed: {}, isForThisNode: true };
  const loads = [load('lib', 'import'), load('lib', 'require'), load('lib/sub', 'import')];
  const grid = entryGrid(
    { loads, package: about },
    new Map([
      [0, { outcome: 'passed', text: 'index.js', detail: [] }],
      [1, { outcome: 'failed', text: 'fails: Error', detail: ['at x'] }],
    ]),
  );
  expect(shown(grid)).toEqual([
    'lib × import: passed: index.js',
    'lib × require: failed: fails: Error',
    'lib/sub × import: skipped: not reached',
  ]);
  expect(grid.cells[1]?.detail).toEqual(['index.js', 'at x']);
});
