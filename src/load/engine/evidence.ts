/** Failures as the evidence of a finding. */
import { firstFew } from '../../core/few.ts';
import type { LoadFailure } from '../../core/load.ts';

function show({ message, request, response, body }: LoadFailure): string[] {
  const quote = (mark: string, text: string | null): string[] => {
    const lines = text === null || text === '' ? [] : text.trimEnd().split('\n');
    return lines.map((line) => `  ${mark} ${line}`);
  };
  return [message, ...quote('>', request), ...quote('<', response), ...quote('<', body)];
}

/** Besides the first. */
const MOST_MESSAGES = 5;

/** The first example in full, and the other messages. */
export function evidenceOf([first, ...others]: readonly LoadFailure[]): string[] {
  if (first === undefined) return [];
  const messages = new Set(others.map(({ message }) => message).filter((each) => each !== first.message));
  return [...show(first), ...firstFew([...messages], MOST_MESSAGES)];
}
