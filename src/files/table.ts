/** Tables in files: CSV with a header, or JSON lines. */
import { exactJson, parseExactJson } from '../core/exact-json.ts';
import { err, ok, type Result } from '../core/result.ts';

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A CSV cell and its separator, by RFC 4180: a quoted cell may contain commas, line breaks and doubled quotes. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;

function parseCells(text: string): Result<string[][], string> {
  const rows: string[][] = [];
  let row: string[] = [];
  CELL.lastIndex = 0;
  while (CELL.lastIndex < text.length) {
    const at = CELL.lastIndex;
    const found = CELL.exec(text);
    if (found === null)
      return err(
        `line ${text.slice(0, at).split('\n').length}: a quote that is not closed, or not at the edge of its field`,
      );
    const [, quoted, plain = '', end] = found;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',' && CELL.lastIndex < text.length) continue;
    if (end === ',') row.push('');
    rows.push(row);
    row = [];
  }
  return ok(rows.filter((cells) => cells.length > 1 || cells[0] !== ''));
}

function parseCsv(text: string): Result<Table, string> {
  const cells = parseCells(text);
  if (!cells.ok) return cells;
  const [columns = [], ...rows] = cells.value;
  const wrong = rows.findIndex((row) => row.length !== columns.length);
  if (wrong !== -1)
    return err(`row ${wrong + 1} has ${rows[wrong]?.length} values, the header has ${columns.length}`);
  return ok({ columns: columns.map((name) => name.trim()), rows });
}

/** A string as it is; anything else as JSON. */
const cellOf = (value: unknown): string => (typeof value === 'string' ? value : exactJson(value));

function parseJsonLines(text: string): Result<Table, string> {
  const objects: Record<string, unknown>[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = parseExactJson(line);
    } catch (error) {
      return err(`line ${index + 1} is not valid JSON: ${(error as Error).message}`);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return err(`line ${index + 1} is not an object`);
    objects.push(value as Record<string, unknown>);
  }
  const columns = Object.keys(objects[0] ?? {});
  for (const [index, object] of objects.entries()) {
    const missing = columns.find((name) => !(name in object));
    if (missing !== undefined) return err(`object ${index + 1} lacks "${missing}", which the first one has`);
  }
  return ok({ columns, rows: objects.map((object) => columns.map((name) => cellOf(object[name]))) });
}

/**
 * @param text JSON lines if it begins with a brace, otherwise CSV
 * @returns the table, or what is wrong with the text
 */
export function parseTable(text: string): Result<Table, string> {
  const bare = text.replace(/^\ufeff/, '');
  const table = bare.trimStart().startsWith('{') ? parseJsonLines(bare) : parseCsv(bare);
  if (table.ok && table.value.rows.length === 0) return err('it has no row of values');
  return table;
}
