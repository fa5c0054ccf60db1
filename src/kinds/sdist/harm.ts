/** Whom it hurts what is wrong with an sdist. */
import type { Finding } from '../../core/finding.ts';
import { consumersWho, type Harm } from '../../core/harm.ts';

export const harmOfSdist = ({ code }: Finding): Harm | undefined =>
  code === 'sdist-differs' || code === 'unbuildable-sdist'
    ? consumersWho('build it from its sdist, since no wheel fits, or to distribute it')
    : undefined;
