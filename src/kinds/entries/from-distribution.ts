/** Makes the component that imports every module of an installed Python package. */

import { sample } from '../../consumer/loads.ts';
import type { InstalledDistribution } from '../../consumer/python/distribution.ts';
import { trialBase } from '../../consumer/trial.ts';
import { ms } from '../../core/units.ts';
import type { PythonEntriesComponent } from './component.ts';
import { judgeFiles } from './python-files.ts';

/** Larger packages are sampled evenly. */
const MOST_MODULES = 400;
const LIMIT = ms(5 * 60_000);

export function pythonEntriesOf(installed: InstalledDistribution): PythonEntriesComponent[] {
  const { name, site, python, modules, scripts, metadata } = installed;
  const seen = judgeFiles(installed);
  if (modules.length === 0 && scripts.length === 0 && seen.length === 0) return [];
  return [
    {
      ...trialBase('entries', installed, LIMIT),
      kind: 'entries',
      language: 'python',
      package: {
        ...{ name, site, python },
        roots: [...new Set(modules.map((module) => module.name.split('.')[0] ?? ''))],
        requirements: metadata.requirements,
      },
      modules: sample(modules, MOST_MODULES),
      total: modules.length,
      scripts,
      seen,
    },
  ];
}
