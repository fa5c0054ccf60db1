/** What a command tells on standard output or error, outside of a run. */
import { visibleText } from '../core/harmless.ts';

/** @param text without colours; lines are its own, and no foreign text in it can make one more */
export const say = (text: string, stream: NodeJS.WritableStream = process.stdout): void => {
  stream.write(`${visibleText(text)}\n`);
};
