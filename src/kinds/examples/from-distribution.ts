/** Makes the component that runs the examples of an installed Python package in threads. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sample } from '../../consumer/loads.ts';
import type { InstalledDistribution } from '../../consumer/python/distribution.ts';
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

export function examplesOf(
  installed: Pick<InstalledDistribution, 'consumer' | 'site' | 'python' | 'name' | 'modules'>,
): (ExamplesComponent | Absent)[] {
  const { name, python, site } = installed;
  const modules = installed.modules.filter(({ file }) => hasPrompt(join(site, file)));
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
