/** Makes the component that loads an installed package in all scenarios. */
import type { InstalledPackage } from '../../consumer/installed-package.ts';
import { isLoadable } from '../../consumer/loads.ts';
import { trialBase } from '../../consumer/trial.ts';
import { EXPECT_SUCCESS } from '../../core/suite.ts';
import { ms } from '../../core/units.ts';
import { ALL_PARTS, type InitComponent } from './component.ts';

const LIMIT = ms(60_000);
/** Enough to collide, and few enough for a laptop. */
const PROCESSES = 4;

/** Loads it by its name, as code in the consumer would. */
export function initOf(installed: InstalledPackage): InitComponent[] {
  if (!isLoadable(installed)) return [];
  return [
    {
      ...trialBase('init', installed, LIMIT),
      kind: 'init',
      language: 'node',
      module: installed.name,
      use: null,
      processes: PROCESSES,
      hangAfter: ms(15_000),
      coldStart: null,
      denyModules: [],
      singletons: [],
      expect: EXPECT_SUCCESS,
      parts: ALL_PARTS,
    },
  ];
}
