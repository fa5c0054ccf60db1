/** What a type checker printed, and whose it is: pure. */
import { isAbsolute, join } from 'node:path';

/** One complaint of a type checker. */
export interface Complaint {
  /** Absolute path; null: it is about no file. */
  readonly file: string | null;
  readonly line: number | null;
  readonly number: string;
  readonly text: string;
}

/** `scratch/sample.mts(3,7): error TS2322: Type …`, or without a place. */
const TSC = /^(?:(.+?)\((\d+),\d+\): )?error (TS\d+): (.*)/;

/** @param cwd absolute path of the folder that tsc was run in */
export function parseTsc(output: string, cwd: string): Complaint[] {
  return output.split('\n').flatMap((each): Complaint[] => {
    const [, path, line, number, text] = TSC.exec(each) ?? [];
    if (number === undefined || text === undefined) return [];
    const file = path === undefined ? null : isAbsolute(path) ? path : join(cwd, path);
    return [{ file, line: line === undefined ? null : Number(line), number, text }];
  });
}

/** The package that a file belongs to, by the last `node_modules` in its path; undefined when there is none. */
export const packageOfFile = (file: string): string | undefined =>
  /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];

/** The module that is said not to be found. */
export const missingModule = ({ number, text }: Complaint): string | undefined =>
  ['TS2307', 'TS7016', 'TS2688'].includes(number) ? /'((?:@[^/']+\/)?[^/']+)/.exec(text)?.[1] : undefined;
