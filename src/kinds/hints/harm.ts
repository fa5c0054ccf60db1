/** Whom it hurts when the declarations of a Python package are wrong. */
import { nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { consumersWho, type Harm, NOBODY_YET } from '../../core/harm.ts';

const NAMED = 3;

export function harmOfHints(finding: Finding): Harm | undefined {
  switch (finding.code) {
    case 'undeclared-name':
      if (!finding.isOffered) return NOBODY_YET;
      return consumersWho(`import ${nameFew(finding.names, NAMED)}, and check their types`);
    case 'unexported-name':
      return consumersWho('use pyright, or mypy --strict');
    case 'missing-name':
      return consumersWho(`use ${nameFew(finding.names, NAMED)}, since it type-checks`);
    case 'wrong-signature':
      return consumersWho(`call ${nameFew(finding.names, NAMED)} as declared`);
    case 'refused-declarations':
      return consumersWho('use mypy');
    default:
      return undefined;
  }
}
