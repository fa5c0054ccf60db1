/** From an installed package to what is to be tried of its types: pure. */
import type { TypedPackage } from '../domain/suite.ts';
import type { InstalledPackage, Manifest } from './installed-package.ts';
import { loadsOf, sample } from './loads.ts';

/** So many entry points are compared of a package that has more, spread over all of them. */
const MOST_ENTRIES = 100;
/** The first version that knows all of `node16`, `nodenext` and `bundler`. */
const OLDEST = [5, 0] as const;

/** The lowest version in a range such as `>=5.0.4 <7`, if its own words tell one. */
function oldestTypeScript({ peerDependencies, engines }: Manifest): string | null {
  const range = peerDependencies?.typescript ?? engines?.typescript;
  const versions = [...(range ?? '').matchAll(/(?<![<\d.])(\d+)\.(\d+)/g)].map(
    ([, major, minor]) => [Number(major), Number(minor)] as const,
  );
  const [lowest] = versions.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (lowest === undefined) return null;
  return (lowest[0] < OLDEST[0] ? OLDEST : lowest).join('.');
}

export function typedPackage(installed: InstalledPackage): TypedPackage {
  const { consumer, folder, name, manifest, entryPoints, bins } = installed;
  const entries = entryPoints.map((entry) => ({
    specifier: entry.specifier,
    isMain: entry.subpath === '.',
    loads: loadsOf(entry, bins).filter(({ file }) => /\.[cm]?js$/.test(file)),
  }));
  return {
    consumer,
    folder,
    name,
    hasTypes: manifest.types !== undefined || manifest.typings !== undefined,
    peers: Object.keys(manifest.peerDependencies ?? {}),
    oldest: oldestTypeScript(manifest),
    entries: sample(entries, MOST_ENTRIES),
    total: entries.length,
  };
}
