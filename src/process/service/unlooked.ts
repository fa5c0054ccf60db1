/** What the machine kept us from looking at, so that nothing is known about it. */
import { type Trouble, troubleOf } from '../../core/failure.ts';
import type { Finding } from '../../core/finding.ts';

/** @param question what could not be found out, such as `whether port 80 is free` */
export const unlooked = (step: string, question: string, { cause, remedy }: Trouble): Finding => ({
  code: 'machine-trouble',
  step,
  message: `${question} could not be checked: ${cause}`,
  hint: remedy,
});

/**
 * @returns what `look` returns, or what `otherwise` makes of the trouble that it met
 * @throws what `look` throws, if that is not trouble with the machine
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
