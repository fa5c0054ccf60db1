/** Makes a component for each program of an installed package. */
import { join } from 'node:path';
import type { InstalledPackage } from '../../consumer/installed-package.ts';
import { trialBase } from '../../consumer/trial.ts';
import { ms } from '../../core/units.ts';
import { absentPart } from '../entries/missing-file.ts';
import type { BinComponent } from './component.ts';

export const LIMIT = ms(30_000);
/** Nobody is there to answer a prompt or read about updates. */
export const QUIET = { CI: '1', NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' };

export const binsOf = (installed: InstalledPackage): BinComponent[] =>
  installed.bins.map(({ name, path }) => ({
    ...trialBase(`bin:${name}`, installed, LIMIT),
    env: QUIET,
    kind: 'bin',
    language: 'node',
    bin: name,
    program: join(installed.consumer, 'node_modules', '.bin', name),
    file: path,
    absent: absentPart(path, installed.folder),
    requirements: [],
  }));
