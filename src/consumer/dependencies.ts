/** What an installed package depends on, and which of that is there. */
import { join } from 'node:path';
import { readJson } from '../files/read-json.ts';
import type { PackageContents } from './installed-package.ts';

type Installed = Pick<PackageContents, 'manifest' | 'folder' | 'consumer'>;

/** Names of all that it declares, however. */
export const declaredBy = ({ manifest }: Installed): string[] =>
  [manifest.dependencies, manifest.peerDependencies, manifest.optionalDependencies].flatMap((each) =>
    Object.keys(each ?? {}),
  );

/** The versions of those packages that are there, as the package would find them. */
export function versionsOf(
  names: readonly string[],
  { consumer, folder }: Installed,
): Readonly<Record<string, string>> {
  const at = (name: string): string[] =>
    [folder, consumer].map((each) => join(each, 'node_modules', name, 'package.json'));
  return Object.fromEntries(
    names.flatMap((name) => {
      const version = at(name)
        .map((path) => readJson<{ version?: string }>(path)?.version)
        .find((each) => each !== undefined);
      return version === undefined ? [] : [[name, version]];
    }),
  );
}

/** What it can do without: npm has installed all that it cannot. */
export function optionalAbsent(installed: Installed): string[] {
  const { peerDependencies, optionalDependencies } = installed.manifest;
  const names = Object.keys({ ...peerDependencies, ...optionalDependencies });
  const there = versionsOf(names, installed);
  return names.filter((name) => there[name] === undefined);
}
