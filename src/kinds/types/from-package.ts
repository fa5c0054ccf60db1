/** From an installed package to the component that tries its types: pure. */
import type { InstalledPackage } from '../../consumer/installed-package.ts';
import { trialBase } from '../../consumer/trial.ts';
import { typedPackage } from '../../consumer/typed-package.ts';
import { EXPECT_SUCCESS } from '../../core/suite.ts';
import { ms } from '../../core/units.ts';
import type { PackageTypesComponent } from './component.ts';

const LIMIT = ms(5 * 60_000);

/** None where there are no declarations, or no module that Node can load: there is nothing to compare. */
export function typesOf(installed: InstalledPackage): PackageTypesComponent[] {
  const typed = typedPackage(installed);
  const isDeclared = installed.entryPoints.some(
    ({ importTypes, requireTypes }) => importTypes?.exists === true || requireTypes?.exists === true,
  );
  if (!isDeclared && !typed.hasTypes) return [];
  if (typed.entries.every(({ loads }) => loads.length === 0)) return [];
  return [
    {
      ...trialBase('types', installed, LIMIT),
      kind: 'types',
      package: { type: 'installed', installed: typed },
      sample: null,
      negative: [],
      typescript: [],
      // Declarations alone are the same for all; how they are found is compared before.
      resolution: ['node16'],
      expect: EXPECT_SUCCESS,
    },
  ];
}
