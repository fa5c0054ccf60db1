/** The checks of each response. */
import { asPlainJson } from '../../core/exact-json.ts';
import type { LoadCheck, TextMatch } from '../../core/load.ts';
import type { StatusRange } from '../../core/status-range.ts';
import type { PatternOptions } from '../../kinds/common/words.ts';
import type { Mistakes, Path } from './mistakes.ts';
import type { LoadExpectOptions } from './options.ts';
import { parseStatuses } from './statuses.ts';
import { LOAD_DEFAULTS } from './words.ts';

const [FROM, TO] = LOAD_DEFAULTS.status;
const SUCCESS: StatusRange = { from: FROM, to: TO };

function toRanges(status: LoadExpectOptions['status'], path: Path, mistakes: Mistakes): StatusRange[] {
  if (status === undefined) return [SUCCESS];
  if (typeof status === 'number') return [{ from: status, to: status }];
  if (typeof status !== 'string') return [{ from: status[0], to: status[1] }];
  const ranges = parseStatuses(status);
  if (ranges.ok) return ranges.value;
  mistakes.about(
    path,
    `"${ranges.error}" is not a status`,
    'write it as 200, 2xx or 200-299, several with commas',
  );
  return [SUCCESS];
}

/** A text must occur; a regular expression must match. */
export function toMatch(pattern: PatternOptions, path: Path, mistakes: Mistakes): TextMatch {
  if (typeof pattern === 'string') return { type: 'contains', text: pattern };
  if (pattern instanceof RegExp) return { type: 'matches', source: pattern.source, flags: pattern.flags };
  const { regex: source, flags = '' } = pattern;
  try {
    new RegExp(source, flags);
  } catch (error) {
    mistakes.about(path, (error as Error).message);
  }
  return { type: 'matches', source, flags };
}

export const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

function headerChecks(
  headers: NonNullable<LoadExpectOptions['headers']>,
  path: Path,
  mistakes: Mistakes,
): LoadCheck[] {
  return Object.entries(headers).map(([name, wanted]): LoadCheck => {
    const at = [...path, name];
    if (!HEADER_NAME.test(name))
      mistakes.about(at, `"${name}" is not the name of a header`, 'it must not contain spaces or colons');
    if (wanted === true) return { type: 'header', name, match: null };
    if (typeof wanted === 'object' && 'equals' in wanted)
      return { type: 'header', name, match: { type: 'equals', text: wanted.equals } };
    return { type: 'header', name, match: toMatch(wanted, at, mistakes) };
  });
}

/** The keys and indexes of a path in JSON, such as `user.roles.0`. */
export const toJsonPath = (path: string): (string | number)[] =>
  path
    .split('.')
    .filter((step) => step !== '')
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));

const isList = (body: PatternOptions | readonly PatternOptions[]): body is readonly PatternOptions[] =>
  Array.isArray(body);

/** @param path of the options */
export function toChecks(expect: LoadExpectOptions, path: Path, mistakes: Mistakes): LoadCheck[] {
  const { headers = {}, body = [], exactBody, json = {}, length } = expect;
  const patterns = isList(body) ? body : [body];
  return [
    { type: 'status', ranges: toRanges(expect.status, [...path, 'status'], mistakes) },
    ...headerChecks(headers, [...path, 'headers'], mistakes),
    ...(length === undefined ? [] : [{ type: 'length' as const, bytes: length }]),
    ...patterns.map(
      (pattern): LoadCheck => ({ type: 'body', match: toMatch(pattern, [...path, 'body'], mistakes) }),
    ),
    ...(exactBody === undefined
      ? []
      : [{ type: 'body' as const, match: { type: 'equals' as const, text: exactBody } }]),
    ...Object.entries(json).map(
      ([at, value]): LoadCheck => ({ type: 'json', path: toJsonPath(at), ...asPlainJson(value) }),
    ),
  ];
}
