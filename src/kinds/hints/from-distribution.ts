/** Makes the component that checks the declarations of an installed Python package. */
import { sample } from '../../consumer/loads.ts';
import type { InstalledDistribution } from '../../consumer/python/distribution.ts';
import { isStubOnly, isTyped, stubsOf } from '../../consumer/python/stubs.ts';
import { trialBase } from '../../consumer/trial.ts';
import { ms } from '../../core/units.ts';
import type { HintsComponent } from './component.ts';

/** mypy reads all that a package imports, and stubtest does so once more. */
const LIMIT = ms(10 * 60_000);
/** Larger packages are sampled evenly. */
const MOST_MODULES = 60;
const MOST_STUBS = 150;

const isPublic = (module: string): boolean => !module.split('.').some((part) => part.startsWith('_'));

/** None if mypy and pyright would read no declarations of it. */
export function hintsOf(installed: InstalledDistribution): HintsComponent[] {
  const { tools, indexes, consumer, site, python, name, files, wheel, hasDescribed } = installed;
  if (!isTyped(wheel.files)) return [];
  const stubs = stubsOf(files);
  const own = isStubOnly(wheel.files)
    ? stubs.map(({ module }) => module)
    : installed.modules.map((module) => module.name);
  const modules = own.filter(isPublic);
  if (modules.length === 0) return [];
  const { describes } = wheel;
  return [
    {
      ...trialBase('types', installed, LIMIT),
      kind: 'hints',
      package: {
        ...{ name, consumer, site, python },
        roots: [...new Set(own.map((module) => module.split('.')[0] ?? ''))],
        describes:
          describes !== null
            ? { name: describes, isInstalled: hasDescribed }
            : isStubOnly(wheel.files)
              ? { name: 'what it describes', isInstalled: false }
              : null,
      },
      ...{ tools, indexes },
      modules: sample(modules, MOST_MODULES),
      stubs: sample(stubs, MOST_STUBS),
    },
  ];
}
