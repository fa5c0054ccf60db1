/** Makes the component that runs the examples of an installed Python package in threads. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sample } from '../../consumer/loads.ts';
import type { InstalledDistribution } from '../../consumer/python/distribution.ts';
import type { PythonModule } from '../../consumer/python/modules.ts';
import { trialBase } from '../../consumer/trial.ts';
import type { Absent } from '../../core/suite.ts';
import { ms } from '../../core/units.ts';
import type { ExamplesComponent } from './component.ts';

const LIMIT = ms(6 * 60_000);
/** Of more an even sample is tried. */
const MOST_MODULES = 40;
const THREADS = 4;

/** How an example begins, also in what is compiled. */
const PROMPT = Buffer.from('>>> ');

function hasPrompt(file: string): boolean {
  try {
    return readFileSync(file).includes(PROMPT);
  } catch {
    return false;
  }
}

const isMain = ({ isTop, isPublic }: PythonModule): boolean => isTop && isPublic;

export function examplesOf(
  installed: Pick<
    InstalledDistribution,
    'consumer' | 'site' | 'python' | 'pythonVersion' | 'name' | 'modules'
  >,
): (ExamplesComponent | Absent)[] {
  const { name, python, site } = installed;
  const prompting = installed.modules.filter(({ file }) => hasPrompt(join(site, file)));
  // There, the import alone tells something: whether the lock stays off.
  const isFree = installed.pythonVersion.endsWith('t');
  const modules = prompting.length === 0 && isFree ? installed.modules.filter(isMain) : prompting;
  if (modules.length === 0)
    return [
      { name: 'threads', reason: `no docstring of ${name} has an example to run`, onlyWhenNamed: false },
    ];
  return [
    {
      ...trialBase('threads', installed, LIMIT),
      kind: 'examples',
      package: { name, python, site },
      modules: sample(modules, MOST_MODULES).map((module) => module.name),
      threads: THREADS,
      stall: ms(8_000),
    },
  ];
}
