/** Makes the component that checks the types of an installed package. */
import type { InstalledPackage } from '../../consumer/installed-package.ts';
import { trialBase } from '../../consumer/trial.ts';
import { typedPackage } from '../../consumer/typed-package.ts';
import { EXPECT_SUCCESS } from '../../core/suite.ts';
import { ms } from '../../core/units.ts';
import type { PackageTypesComponent } from './component.ts';

const LIMIT = ms(5 * 60_000);

/** None if there is nothing to compare: no declarations, or no module that Node can load. */
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
      // Without a sample the others would check the same declarations; their resolution is compared before.
      resolution: ['node16'],
      expect: EXPECT_SUCCESS,
      overlay: null,
    },
  ];
}
