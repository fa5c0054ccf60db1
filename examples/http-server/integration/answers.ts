// The oracle of the threads: the answers as they are written out in the samples, whatever the library thinks.
import { samples } from './samples.ts';

const answers = new Map<string, string>(samples.map(({ text, answer }) => [text, answer]));

export const canonical = (text: string): string | undefined => answers.get(text);
