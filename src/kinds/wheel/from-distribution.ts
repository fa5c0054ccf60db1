/** Makes the component that looks into the wheel of an installed Python package. */
import { join } from 'node:path';
import type { InstalledDistribution } from '../../consumer/python/distribution.ts';
import { trialBase } from '../../consumer/trial.ts';
import { ms } from '../../core/units.ts';
import type { WheelComponent } from './component.ts';

const LIMIT = ms(2 * 60_000);

export const wheelOf = (installed: InstalledDistribution): WheelComponent[] => {
  const { name, consumer, site, files, metadata, wheel } = installed;
  return [
    {
      ...trialBase('wheel', installed, LIMIT),
      kind: 'wheel',
      package: {
        ...{ name, site, files },
        wheel: join(consumer, wheel.file),
        tag: wheel.tag,
        requiresPython: metadata.requiresPython,
        licenseFiles: metadata.licenseFiles,
      },
    },
  ];
};
