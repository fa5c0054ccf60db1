/** From an installed package to the component that loads it in all the ways there are: pure. */
import type { InstalledPackage } from '../../consumer/installed-package.ts';
import { isLoadable } from '../../consumer/loads.ts';
import { trialBase } from '../../consumer/trial.ts';
import { EXPECT_SUCCESS } from '../../core/suite.ts';
import { ms } from '../../core/units.ts';
import type { InitComponent } from './component.ts';

const LIMIT = ms(60_000);
/** Enough to meet each other, and few enough for a laptop. */
const PROCESSES = 4;

/** By its name, as an import in the consumer writes it. */
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
    },
  ];
}
