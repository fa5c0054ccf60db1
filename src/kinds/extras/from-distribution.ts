/** Makes the component that asks whether the extras of an installed Python package can be installed. */
import { join } from 'node:path';
import type { InstalledDistribution } from '../../consumer/python/distribution.ts';
import { trialBase } from '../../consumer/trial.ts';
import { ms } from '../../core/units.ts';
import type { ExtrasComponent } from './component.ts';

/** It stops by itself long before. */
const LIMIT = ms(10 * 60_000);

export const extrasOf = (installed: InstalledDistribution): ExtrasComponent[] => {
  const { name, consumer, python, pythonVersion, wheel, tools, indexes, metadata } = installed;
  if (metadata.extras.length === 0) return [];
  return [
    {
      ...trialBase('extras', installed, LIMIT),
      env: indexes,
      kind: 'extras',
      package: { name, python, pythonVersion, wheel: join(consumer, wheel.file) },
      ...{ tools, extras: metadata.extras },
    },
  ];
};
