/** Reads the files of a `.dist-info` folder. They are untrusted text, and nothing in them is believed to be valid. */

/** What a distribution says of itself in `METADATA`. */
export interface Metadata {
  readonly name: string;
  readonly version: string;
  /** The range of Python versions that it allows, as written; empty: any. */
  readonly requiresPython: string;
  readonly requirements: readonly Requirement[];
  readonly extras: readonly string[];
  readonly classifiers: readonly string[];
  /** Files with its licence, as `License-File` names them. */
  readonly licenseFiles: readonly string[];
}

/** Something that it needs. */
export interface Requirement {
  /** Normalized. */
  readonly name: string;
  /** The extras that bring it; empty: it always comes, or as its marker says. */
  readonly extras: readonly string[];
}

/** A program that it installs. */
export interface Script {
  readonly name: string;
  readonly isGui: boolean;
  readonly module: string;
  /** The path to the function within the module: `main`, `App.run`. */
  readonly attribute: string;
  /** The extras that it says it needs. */
  readonly extras: readonly string[];
}

/** A row of `RECORD`. */
export interface RecordedFile {
  readonly path: string;
  /** `sha256=…`; empty if there is none. */
  readonly hash: string;
}

/** As indexes compare names: `Flask_SQLAlchemy` and `flask-sqlalchemy` are the same. */
export const normalName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** The headers of a text like an e-mail's. A line that begins with space goes on with the one before. */
function headersOf(text: string): ReadonlyMap<string, string[]> {
  const headers = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (line === '') break;
    if (/^\s/.test(line)) {
      last?.push(`${last.pop() ?? ''} ${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    last = headers.get(name) ?? [];
    headers.set(name, last);
    last.push(line.slice(colon + 1).trim());
  }
  return headers;
}

const REQUIRED = /^[A-Za-z0-9][\w.-]*/;
const EXTRA = /\bextra\s*==\s*['"]([^'"]*)['"]/g;

function requirementOf(text: string): Requirement[] {
  const name = REQUIRED.exec(text)?.[0];
  if (name === undefined) return [];
  const marker = text.slice(text.indexOf(';') + 1);
  const extras = text.includes(';') ? [...marker.matchAll(EXTRA)].map(([, extra = '']) => extra) : [];
  return [{ name: normalName(name), extras }];
}

export function readMetadata(text: string): Metadata {
  const headers = headersOf(text);
  const all = (name: string): string[] => headers.get(name) ?? [];
  const first = (name: string): string => all(name)[0] ?? '';
  return {
    name: first('name'),
    version: first('version'),
    requiresPython: first('requires-python'),
    requirements: all('requires-dist').flatMap(requirementOf),
    extras: all('provides-extra'),
    classifiers: all('classifier'),
    licenseFiles: all('license-file'),
  };
}

const SCRIPT_GROUPS = ['console_scripts', 'gui_scripts'];
/** `pkg.cli:main [extra, other]` */
const REFERENCE = /^([\w.]+)\s*:\s*([\w.]+)\s*(?:\[([^\]]*)\])?$/;

/** What `entry_points.txt` says of programs. */
export interface Scripts {
  readonly scripts: readonly Script[];
  /** Lines that name a program that cannot be run: its name is none for a file, or what it is to call is no function. */
  readonly odd: readonly string[];
}

/** @param text of `entry_points.txt` */
export function readScripts(text: string): Scripts {
  const odd: string[] = [];
  let group = '';
  const scripts = text.split(/\r?\n/).flatMap((line): Script[] => {
    const section = /^\s*\[([^\]]*)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) group = section.trim();
    const equals = line.indexOf('=');
    const isEntry = section === undefined && equals !== -1 && !/^\s*[#;]/.test(line);
    if (!SCRIPT_GROUPS.includes(group) || !isEntry) return [];
    const name = line.slice(0, equals).trim();
    const reference = REFERENCE.exec(line.slice(equals + 1).trim());
    // The name becomes that of a file.
    if (reference === null || !/^[\w.-]+$/.test(name)) {
      odd.push(line.trim());
      return [];
    }
    const [, module = '', attribute = '', extras = ''] = reference;
    const needed = extras.split(',').map((each) => each.trim());
    return [
      {
        name,
        isGui: group === 'gui_scripts',
        module,
        attribute,
        extras: needed.filter((each) => each !== ''),
      },
    ];
  });
  return { scripts, odd };
}

/** The rows of a CSV file. A field that begins with a double quote may have commas and line breaks, and two such for one. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (isQuoted && character === '"' && text[at + 1] === '"') {
      field += '"';
      at++;
    } else if (character === '"' && (isQuoted || field === '')) isQuoted = !isQuoted;
    else if (isQuoted || !/[,\r\n]/.test(character)) field += character;
    else if (character !== '\r') {
      row.push(field);
      field = '';
      if (character === ',') continue;
      rows.push(row);
      row = [];
    }
  }
  return [...rows, [...row, field]];
}

/** @param text of `RECORD` */
export const readRecord = (text: string): RecordedFile[] =>
  rowsOf(text).flatMap(([path = '', hash = '']) => (path === '' ? [] : [{ path, hash }]));
