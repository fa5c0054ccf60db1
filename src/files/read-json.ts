import { readFileSync } from 'node:fs';

/** The content of a JSON file, which is not validated; undefined if it cannot be read or parsed. */
export function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
