/** Failed requests that are saved in a folder: how its files are called, and how many there may be. */

/** Begins the folder's index, by which it is known to be ours. */
export const INDEX = 'index.jsonl';
export const INDEX_START = '{"format":"shakedown failures"';

/** The bounds of a run: files, and bytes of what they show. */
export const MOST_SAVED = 1000;
export const MOST_SAVED_BYTES = 16_000_000;
/** Characters of each request, head and body. */
export const SAVED_PART = 16_000;

const FILE = /^\d{4}-[\w.-]+\.txt$/;
const LONGEST_NAME = 60;

const isFailureFile = (name: string): boolean => name === INDEX || FILE.test(name);

/** What a folder holds that failures were saved in before, and nothing else. */
export const FAILURE_FOLDER = { marker: { name: INDEX, start: INDEX_START }, isOurs: isFailureFile } as const;

/** @returns a name that is safe on any file system, such as `0001-check-GET-items.txt` */
export function failureFile(number: number, kind: string, name: string | null): string {
  const plain = `${kind}-${name ?? 'none'}`.replace(/[^A-Za-z0-9._]+/g, '-').slice(0, LONGEST_NAME);
  return `${String(number).padStart(4, '0')}-${plain.replace(/-$/, '')}.txt`;
}
