import { boundedGrid, type Grid } from '../../core/grid.ts';
import type { ComponentContext } from './context.ts';

/** Reports what was tried, also when all of it went well; nothing if nothing was. */
export function tellGrid(
  grid: Grid,
  { component, emit }: Pick<ComponentContext, 'component' | 'emit'>,
): void {
  if (grid.cells.length > 0) emit({ type: 'grid-finished', component, grid: boundedGrid(grid) });
}
