import { expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { hintsGrid } from '../../../src/kinds/hints/grid.ts';
import { verdictOf } from '../../../src/kinds/index.ts';

test('the report says what checkers were shown, also when all went well', () => {
  const silent: Finding = { code: 'no-compiler', message: 'stubtest came to no result' };
  const checked = { name: 'lib', imports: 12, stubs: 1, ofImports: [], ofStubs: [silent] };
  const { rows, cells } = hintsGrid(checked, { verdictOf });
  expect(rows).toEqual(['what it offers', 'its stubs']);
  expect(cells).toMatchObject([
    { outcome: 'passed', text: '12 imports, by mypy and pyright' },
    { outcome: 'inconclusive', text: 'stubtest came to no result' },
  ]);
  expect(hintsGrid({ ...checked, stubs: 0 }, { verdictOf }).cells).toHaveLength(1);
});
