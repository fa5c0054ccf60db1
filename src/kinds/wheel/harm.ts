/** Whom it hurts what is wrong in a wheel. */
import type { Finding } from '../../core/finding.ts';
import { consumersWho, type Harm, NOBODY_YET } from '../../core/harm.ts';

export function harmOfWheel({ code }: Finding): Harm | undefined {
  switch (code) {
    case 'missing-license':
      return consumersWho('pass it on, with its licence');
    case 'wrong-tag':
      return consumersWho('have an older Python or an older system, which the tag allows');
    case 'build-paths':
    case 'unstable-abi':
      return NOBODY_YET;
    default:
      return undefined;
  }
}
