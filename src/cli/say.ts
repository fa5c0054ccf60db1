/** Output of commands outside of a run, on standard output or error. */
import { visibleText } from '../core/harmless.ts';

/** @param text without colours; it may contain line breaks, but untrusted text in it cannot */
export const say = (text: string, stream: NodeJS.WritableStream = process.stdout): void => {
  stream.write(`${visibleText(text)}\n`);
};
