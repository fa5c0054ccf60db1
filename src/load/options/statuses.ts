/** Lists of statuses: `200,204`, `2xx`, `200-299`. */
import { err, ok, type Result } from '../../core/result.ts';
import type { StatusRange } from '../../core/status-range.ts';

const ONE = '(?:[1-5][xX][xX]|[1-5][0-9][0-9](?:-[1-5][0-9][0-9])?)';

/** Matches a well-formed list. */
export const STATUSES = new RegExp(`^ *${ONE} *(?:, *${ONE} *)*$`);

function parseOne(text: string): StatusRange | undefined {
  const [, family, from, to = from] = /^(?:([1-5])xx|([1-5]\d\d)(?:-([1-5]\d\d))?)$/i.exec(text.trim()) ?? [];
  if (family !== undefined) return { from: Number(family) * 100, to: Number(family) * 100 + 99 };
  if (from === undefined || Number(from) > Number(to)) return undefined;
  return { from: Number(from), to: Number(to) };
}

/** @returns the ranges, or the first part that is not one */
export function parseStatuses(text: string): Result<StatusRange[], string> {
  const ranges: StatusRange[] = [];
  for (const part of text.split(',')) {
    const range = parseOne(part);
    if (range === undefined) return err(part.trim());
    ranges.push(range);
  }
  return ok(ranges);
}
