/** Makes the component that builds an installed Python package from its sdist. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { InstalledDistribution } from '../../consumer/python/distribution.ts';
import type { PythonSpec } from '../../consumer/python/spec.ts';
import { trialBase } from '../../consumer/trial.ts';
import { ms } from '../../core/units.ts';
import type { SdistComponent } from './component.ts';

/** It stops by itself long before. */
const LIMIT = ms(10 * 60_000);

/** Where the sdist of the same version comes from; undefined if there is none, or the wheel was made of it. */
function sdistFor({ source, name, version, wheel }: InstalledDistribution): PythonSpec | undefined {
  switch (source.type) {
    case 'index':
      return { type: 'index', name, version: `==${version}` };
    case 'folder':
      return source;
    case 'sdist':
      return undefined;
    case 'wheel': {
      // Build tools put both into one folder.
      const path = [name, wheel.name]
        .map((each) => join(dirname(source.path), `${each}-${version}.tar.gz`))
        .find((each) => existsSync(each));
      return path === undefined ? undefined : { type: 'sdist', path };
    }
  }
}

export const sdistOf = (installed: InstalledDistribution): SdistComponent[] => {
  const { name, version, consumer, wheel, tools, indexes } = installed;
  const from = sdistFor(installed);
  if (from === undefined) return [];
  return [
    {
      ...trialBase('sdist', installed, LIMIT),
      env: indexes,
      // Whatever has to be compiled needs compilers and libraries, and its time.
      onlyWhenNamed: !wheel.tag.endsWith('-none-any'),
      kind: 'sdist',
      package: { name, version, wheel: join(consumer, wheel.file) },
      ...{ from, tools },
    },
  ];
};
