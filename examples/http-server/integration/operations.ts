// What the threads call: the library, behind the fault that can be committed on purpose.
import { spoilResult } from './faults.ts';
import { answerTo } from './samples.ts';

/** The canonical form of a text, or the reason for its refusal. */
export const canonical = (text: string): string => spoilResult(answerTo(text));
