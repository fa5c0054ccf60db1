/** Makes the component that imports an installed Python package in all scenarios. */
import type { InstalledDistribution } from '../../consumer/python/distribution.ts';
import { normalName } from '../../consumer/python/metadata.ts';
import { trialBase } from '../../consumer/trial.ts';
import { EXPECT_SUCCESS } from '../../core/suite.ts';
import { ms } from '../../core/units.ts';
import { ALL_PARTS, type InitComponent } from './component.ts';

const LIMIT = ms(3 * 60_000);
/** Enough to collide, and few enough for a laptop. */
const PROCESSES = 4;

/** The module with the name of the distribution, or else the first that people import. */
function mainModule({ name, modules }: Pick<InstalledDistribution, 'name' | 'modules'>): string | undefined {
  const tops = modules.filter(({ isTop, isPublic }) => isTop && isPublic);
  const named = tops.find((module) => normalName(module.name) === normalName(name));
  return (named ?? tops[0])?.name;
}

export function pythonInitOf(installed: InstalledDistribution): InitComponent[] {
  const module = mainModule(installed);
  if (module === undefined) return [];
  return [
    {
      ...trialBase('init', installed, LIMIT),
      kind: 'init',
      language: 'python',
      module,
      use: null,
      processes: PROCESSES,
      hangAfter: ms(30_000),
      coldStart: null,
      denyModules: [],
      singletons: [],
      expect: EXPECT_SUCCESS,
      parts: [...ALL_PARTS, 'modes'],
    },
  ];
}
