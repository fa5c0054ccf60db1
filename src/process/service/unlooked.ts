/** What the machine kept us from looking at: nothing is known of it. */
import { type Trouble, troubleOf } from '../../core/failure.ts';
import type { Finding } from '../../core/finding.ts';

/** @param question whether what is so: `whether port 80 is free` */
export const unlooked = (step: string, question: string, { cause, remedy }: Trouble): Finding => ({
  code: 'machine-trouble',
  step,
  message: `${question} could not be checked: ${cause}`,
  hint: remedy,
});

/**
 * @returns what `look` returns, or what `otherwise` makes of the trouble that it has met
 * @throws what `look` throws, when that is no trouble of the machine
 */
export async function whereSeen<T>(
  look: () => T | Promise<T>,
  otherwise: (trouble: Trouble) => T,
): Promise<T> {
  try {
    return await look();
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble === undefined) throw error;
    return otherwise(trouble);
  }
}
