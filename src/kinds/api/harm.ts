import type { Finding } from '../../core/finding.ts';
import { consumersWho, type Harm, NOBODY_YET } from '../../core/harm.ts';

export function harmOfApi(finding: Finding): Harm | undefined {
  if (finding.code === 'breaking-change')
    return consumersWho(`have ^${finding.since} and use what has changed`);
  return finding.code === 'added-in-patch' ? NOBODY_YET : undefined;
}
