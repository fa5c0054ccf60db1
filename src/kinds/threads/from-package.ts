/** Makes the component whose threads load an installed package and end. Pure. */
import type { InstalledPackage } from '../../consumer/installed-package.ts';
import { isLoadable } from '../../consumer/loads.ts';
import { trialBase } from '../../consumer/trial.ts';
import { ms } from '../../core/units.ts';
import type { ThreadsComponent } from './component.ts';

const LIMIT = ms(120_000);
/** Enough to meet each other, and few enough for a laptop. */
const WORKERS = 4;

/** What its functions take is unknown, so none is called. */
export function threadsOf(installed: InstalledPackage): ThreadsComponent[] {
  if (!isLoadable(installed)) return [];
  return [
    {
      ...trialBase('threads', installed, LIMIT),
      kind: 'threads',
      trial: {
        type: 'module',
        module: installed.name,
        workers: WORKERS,
        iterations: null,
        exports: null,
        inputs: null,
        oracle: null,
        extent: 'whole',
      },
      stall: ms(10_000),
    },
  ];
}
