/** Makes the component that loads every entry point of an installed package. */
import { declaredBy, optionalAbsent, versionsOf } from '../../consumer/dependencies.ts';
import type { InstalledPackage } from '../../consumer/installed-package.ts';
import { allLoads, sample } from '../../consumer/loads.ts';
import { trialBase } from '../../consumer/trial.ts';
import { ms } from '../../core/units.ts';
import type { NodeEntriesComponent } from './component.ts';

/** Larger packages are sampled evenly. */
const MOST_LOADS = 2000;
const LIMIT = ms(60_000);

/** Files that `exports` or `main` names and that do not exist. */
function missingFiles({ entryPoints, manifest }: InstalledPackage): NodeEntriesComponent['missing'] {
  const named = (subpath: string): string =>
    manifest.exports === undefined || manifest.exports === null
      ? 'main'
      : `exports[${JSON.stringify(subpath)}]`;
  return entryPoints.flatMap(({ subpath, import: imported, require: required }) => {
    const files = [imported, required].filter((file) => file !== null && !file.exists);
    return [...new Set(files.flatMap((file) => file?.path ?? []))].map((file) => ({
      promise: named(subpath),
      file,
    }));
  });
}

export function entriesOf(installed: InstalledPackage): NodeEntriesComponent[] {
  const { name, folder, manifest } = installed;
  const loads = allLoads(installed);
  const missing = missingFiles(installed);
  if (loads.length === 0 && missing.length === 0) return [];
  const others = declaredBy(installed);
  return [
    {
      ...trialBase('entries', installed, LIMIT),
      kind: 'entries',
      language: 'node',
      package: {
        name,
        folder,
        declared: [name, ...others],
        absent: optionalAbsent(installed),
        installed: versionsOf(others, installed),
        // A package that excludes the Node in use is not tried at all.
        isForThisNode: manifest.engines?.node !== undefined,
      },
      loads: sample(loads, MOST_LOADS),
      total: loads.length,
      missing,
    },
  ];
}
