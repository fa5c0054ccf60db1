/** What all components for an installed package have in common. */
import { join } from 'node:path';
import { type ComponentBase, PROVE_BY_DEFAULT } from '../core/suite.ts';
import { type Ms, ms } from '../core/units.ts';
import { SCRATCH } from './install.ts';
import type { InstalledPackage } from './installed-package.ts';

/** @param timeout how long one attempt may take */
export const trialBase = (
  name: string,
  { consumer }: Pick<InstalledPackage, 'consumer'>,
  timeout: Ms,
): ComponentBase => plainBase(name, join(consumer, SCRATCH), timeout);

/** Of a component that nobody has configured. */
export const plainBase = (name: string, cwd: string, timeout: Ms): ComponentBase => ({
  name,
  cwd,
  timeout,
  slow: ms(timeout / 2),
  env: {},
  retries: 0,
  flaky: 'warn',
  needs: [],
  uses: [],
  onlyWhenNamed: false,
  leave: [],
  before: [],
  after: [],
  prove: PROVE_BY_DEFAULT,
  ofPackage: { isStrict: false, isOnlyComparison: false, optional: [] },
});
