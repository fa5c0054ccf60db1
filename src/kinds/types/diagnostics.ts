/** Parses what a type checker printed. */
import { isAbsolute, join } from 'node:path';

/** One complaint of a type checker. */
export interface Complaint {
  /** Absolute path; null: it concerns no file. */
  readonly file: string | null;
  readonly line: number | null;
  readonly number: string;
  readonly text: string;
}

/** `scratch/sample.mts(3,7): error TS2322: Type …`, or without the location. */
const TSC = /^(?:(.+?)\((\d+),\d+\): )?error (TS\d+): (.*)/;

/** @param cwd absolute path of the folder tsc ran in */
export function parseTsc(output: string, cwd: string): Complaint[] {
  return output.split('\n').flatMap((each): Complaint[] => {
    const [, path, line, number, text] = TSC.exec(each) ?? [];
    if (number === undefined || text === undefined) return [];
    const file = path === undefined ? null : isAbsolute(path) ? path : join(cwd, path);
    return [{ file, line: line === undefined ? null : Number(line), number, text }];
  });
}

/** The package that a file belongs to, by the last `node_modules` in its path. */
export const packageOfFile = (file: string): string | undefined =>
  /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];

/** The type that is declared nowhere, if that is the complaint. */
export const missingType = ({ number, text }: Complaint): string | undefined =>
  ['TS2304', 'TS2503', 'TS2552'].includes(number)
    ? /^Cannot find name(?:space)? '([^']+)'/.exec(text)?.[1]
    : undefined;

/** The package that could not be resolved, if that is the complaint. */
export const missingModule = ({ number, text }: Complaint): string | undefined =>
  ['TS2307', 'TS7016', 'TS2688'].includes(number) ? /'((?:@[^/']+\/)?[^/']+)/.exec(text)?.[1] : undefined;
