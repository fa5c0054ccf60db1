/** Whom it hurts when the examples of a Python package fail in threads. */
import type { Finding } from '../../core/finding.ts';
import { consumersWho, type Harm } from '../../core/harm.ts';

export function harmOfExamples(finding: Finding): Harm | undefined {
  switch (finding.code) {
    case 'wrong-result':
    case 'thread-crash':
    case 'thread-hang':
      return consumersWho(`call ${finding.operation ?? 'it'} from several threads`);
    case 'gil-enabled':
      return consumersWho('use a free-threaded Python');
    default:
      return undefined;
  }
}
