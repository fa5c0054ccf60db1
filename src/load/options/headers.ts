/** The headers of requests: checks that HTTP/1.1 can carry them, as written and with values filled in. */
import type { LoadBody, LoadData, LoadRequest } from '../../core/load.ts';
import { templateNames } from '../../core/template.ts';
import { plural } from '../../core/units.ts';
import { HEADER_NAME } from './checks.ts';
import type { Mistakes, Path } from './mistakes.ts';
import type { LoadOptions } from './options.ts';

export type Headers = readonly (readonly [name: string, value: string])[];

/** Not allowed in a header value: everything but tabs and printable Latin-1. */
const UNFIT = /[^\t\x20-\x7e\x80-\xff]/u;

const HINT = 'a name must not contain spaces or colons, a value no line breaks and nothing beyond Latin-1';

/** Names the first character of a value that no header can contain, with its position. */
function unfitCharacter(value: string): string | undefined {
  const { index, 0: char = '' } = UNFIT.exec(value) ?? { index: -1 };
  if (index === -1) return undefined;
  const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `${char === '\r' || char === '\n' ? 'a line break' : `U+${code}`} at character ${index + 1}`;
}

export const hasHeader = (headers: Headers, wanted: string): boolean =>
  headers.some(([name]) => name.toLowerCase() === wanted);

export function toHeaders(
  given: NonNullable<LoadOptions['headers']>,
  at: Path,
  mistakes: Mistakes,
): [string, string][] {
  const headers = Object.entries(given).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
  for (const [name, value] of headers)
    if (!HEADER_NAME.test(name) || UNFIT.test(value))
      mistakes.about([...at, 'headers', name], `"${name}: ${value}" is not a header`, HINT);
  return headers;
}

export function authorization(
  options: LoadOptions,
  headers: Headers,
  mistakes: Mistakes,
): [string, string][] {
  const { user, bearer } = options;
  mistakes.exclude('use only one way to authenticate', [
    [['user'], user !== undefined],
    [['bearer'], bearer !== undefined],
    [['headers', 'Authorization'], hasHeader(headers, 'authorization')],
  ]);
  if (user !== undefined) return [['Authorization', basic(user, mistakes)]];
  if (bearer === undefined) return [];
  // The message must not show the token.
  const unfit = unfitCharacter(bearer);
  if (unfit !== undefined)
    mistakes.about(
      ['bearer'],
      `no header can hold it: it has ${unfit}`,
      'give the token alone, without the line break after it',
    );
  return [['Authorization', `Bearer ${bearer}`]];
}

function basic(user: string, mistakes: Mistakes): string {
  const name = mistakes.nameOf('user');
  if (!user.includes(':'))
    mistakes.add(['user'], `${name} has no password`, `write it as ${name} NAME:PASSWORD`);
  if (templateNames(user).length > 0)
    mistakes.add(
      ['user'],
      `${name} has a place for a value, but is encoded before values are filled in`,
      `give the whole of it as a header: Authorization: Basic {{…}}`,
    );
  return `Basic ${Buffer.from(user).toString('base64')}`;
}

const valuesOf = (headers: Headers, wanted: string): string[] =>
  headers.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value.trim()] : []));

const lengthOf = (body: LoadBody | null): number =>
  body === null ? 0 : Buffer.from(body.content, body.encoding).length;

/**
 * A request must announce the true end of its body: otherwise the server would read the rest as the next request, or
 * the next request as the rest.
 *
 * @param at path of the request
 */
export function checkFraming(
  { headers, body }: Pick<LoadRequest, 'headers' | 'body'>,
  at: Path,
  mistakes: Mistakes,
): void {
  const lengths = valuesOf(headers, 'content-length');
  const codings = valuesOf(headers, 'transfer-encoding');
  const isFilled = body?.encoding === 'utf8' && templateNames(body.content).length > 0;
  const length = lengthOf(body);
  if (lengths.length > 0 && (isFilled || lengths.length > 1 || lengths[0] !== String(length)))
    mistakes.about(
      [...at, 'headers', 'Content-Length'],
      isFilled
        ? 'the length of the body is not known before values are filled in'
        : `"${lengths.join(', ')}" is not the length of the body, which has ${plural(length, 'byte')}`,
      'leave it out: the length is sent automatically',
    );
  if (codings.length === 0) return;
  if (codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked')
    mistakes.about(
      [...at, 'headers', 'Transfer-Encoding'],
      `"${codings.join(', ')}" is not supported`,
      'the body is sent as one chunk where it is "chunked"',
    );
  mistakes.exclude('a body is framed in one way', [
    [[...at, 'headers', 'Transfer-Encoding'], true],
    [[...at, 'headers', 'Content-Length'], lengths.length > 0],
  ]);
}

/** The first row with a value in a column that no header can contain. */
function firstUnfit(data: LoadData, column: number): { row: number; unfit: string } | undefined {
  for (const [index, cells] of data.rows.entries()) {
    const unfit = unfitCharacter(cells[column] ?? '');
    if (unfit !== undefined) return { row: index + 1, unfit };
  }
  return undefined;
}

const HALF_CHARACTER = /\p{Surrogate}/u;

/** Rejects data with values that cannot be sent where their placeholders are. */
export function checkValues(
  requests: readonly LoadRequest[],
  data: LoadData,
  file: string,
  mistakes: Mistakes,
): void {
  const half = data.rows.findIndex((cells) => cells.some((cell) => HALF_CHARACTER.test(cell)));
  if (half !== -1)
    mistakes.about(['data'], `row ${half + 1} of ${file} has half a character (a surrogate alone)`);
  const told = new Set<string>();
  for (const { headers } of requests)
    for (const [header, value] of headers)
      for (const name of templateNames(value)) {
        const column = data.columns.indexOf(name);
        const key = `${header}\0${name}`;
        if (column === -1 || told.has(key)) continue;
        told.add(key);
        const found = firstUnfit(data, column);
        if (found === undefined) continue;
        mistakes.about(
          ['data'],
          `row ${found.row} of ${file}: "${name}" has ${found.unfit}, which the header ${header} cannot hold`,
          'a value in a header has no line breaks and nothing beyond Latin-1; in a path or a body it may have both',
        );
      }
}
