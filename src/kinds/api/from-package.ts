/** Makes the component that compares an installed package with its last release. */
import type { InstalledPackage } from '../../consumer/installed-package.ts';
import { trialBase } from '../../consumer/trial.ts';
import { ms } from '../../core/units.ts';
import type { ApiComponent } from './component.ts';

const LIMIT = ms(5 * 60_000);

/** None for what nobody can install by its name. */
export function apiOf(installed: InstalledPackage): ApiComponent[] {
  const { name, version, consumer, manifest, entryPoints, bins } = installed;
  if (manifest.private === true || entryPoints.length + bins.length === 0) return [];
  return [{ ...trialBase('api', installed, LIMIT), kind: 'api', package: { name, version, consumer } }];
}
