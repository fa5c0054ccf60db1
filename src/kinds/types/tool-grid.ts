/** What a sample in its project has gone through, as a matrix: file × tool. */
import { basename } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import type { Grid, GridCell } from '../../core/grid.ts';
import type { ComponentContext } from '../common/context.ts';
import { cellOf } from '../common/grids.ts';
import type { SampleTypesComponent } from './component.ts';

interface Tool {
  /** The name of its step. */
  readonly name: string;
  /** Absolute path of the file that it must reject; undefined if it is about the sample, or its module. */
  readonly refuses?: string | undefined;
}

export interface TriedTool extends Tool {
  readonly findings: readonly Finding[];
}

/** These compare the stubs of the module with it, and look at no file of the user. */
const OF_MODULE = ['stubtest', 'verifytypes'];

/** @param tools all that were to be run, of which those after one that failed were not */
export function toolGrid(
  { sample, module, language }: SampleTypesComponent,
  tools: readonly Tool[],
  tried: readonly TriedTool[],
  context: Pick<ComponentContext, 'verdictOf'>,
): Grid {
  const checker = language === 'python' ? 'mypy' : 'tsc';
  const placeOf = ({ name, refuses }: Tool): Pick<GridCell, 'row' | 'column'> => ({
    row:
      refuses !== undefined
        ? basename(refuses)
        : OF_MODULE.includes(name)
          ? (module ?? '')
          : basename(sample),
    column: refuses !== undefined ? checker : name === 'sample' ? 'run' : name,
  });
  const places = tools.map(placeOf);
  return {
    title: `${basename(sample)}, run and type-checked`,
    ...{ rowsAre: 'what', columnsAre: 'by' },
    rows: [...new Set(places.map(({ row }) => row))],
    columns: [...new Set(places.map(({ column }) => column))],
    cells: tools.map((tool): GridCell => {
      const one = tried.find(({ name }) => name === tool.name);
      if (one === undefined)
        return {
          ...placeOf(tool),
          ...{ outcome: 'skipped', text: 'not tried, since an earlier one failed', detail: [] },
        };
      const text = one.refuses === undefined ? 'exit code 0' : 'refused, as it must be';
      return cellOf(placeOf(tool), one.findings, { text }, context);
    }),
  };
}
