/** Makes a component for each program of an installed package. */
import { join } from 'node:path';
import type { InstalledPackage } from '../../consumer/installed-package.ts';
import { trialBase } from '../../consumer/trial.ts';
import { ms } from '../../core/units.ts';
import type { BinComponent } from './component.ts';

const LIMIT = ms(30_000);

export const binsOf = (installed: InstalledPackage): BinComponent[] =>
  installed.bins.map(({ name, path }) => ({
    ...trialBase(`bin:${name}`, installed, LIMIT),
    // Nobody is there to answer a prompt or read about updates.
    env: { CI: '1', NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' },
    kind: 'bin',
    bin: name,
    program: join(installed.consumer, 'node_modules', '.bin', name),
    file: path,
  }));
