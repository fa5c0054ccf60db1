/** Makes a component for each program of an installed Python package that runs in a terminal. */
import { join } from 'node:path';
import type { InstalledDistribution } from '../../consumer/python/distribution.ts';
import { trialBase } from '../../consumer/trial.ts';
import type { BinComponent } from './component.ts';
import { LIMIT, QUIET } from './from-package.ts';

/** Those with windows of their own have no screen here; that their function exists is a matter of `entries`. */
export const pythonBinsOf = (installed: InstalledDistribution): BinComponent[] =>
  installed.scripts
    .filter(({ isGui }) => !isGui)
    .map(({ name, module, attribute }) => ({
      ...trialBase(`bin:${name}`, installed, LIMIT),
      env: QUIET,
      kind: 'bin',
      language: 'python',
      bin: name,
      program: join(installed.programs, name),
      absent: '',
      file: `${module}:${attribute}`,
      requirements: installed.metadata.requirements,
    }));
