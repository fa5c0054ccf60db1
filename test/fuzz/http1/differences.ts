/**
 * Where the scanner and llhttp differ on purpose. Whatever else differs is a fault.
 *
 * Where a server breaks a rule that llhttp forgives, the scanner is the stricter one: a generator that guesses what was
 * meant calls a lying server well. Where llhttp takes something for another thing than the RFC does, the scanner goes
 * by the RFC. Each difference has an example, for which both must say exactly what is written here.
 */
import type { Seen, SeenResponse } from './parsers.ts';

interface Example {
  readonly wire: string;
  readonly method?: string;
  readonly ours: Partial<Seen>;
  readonly node: Partial<Seen>;
}

/** What the scanner refuses and llhttp takes. */
export interface Stricter {
  /** The words of the scanner. */
  readonly error: string;
  readonly why: string;
  /** What must be in a stream, or in what the scanner shows of it: looked for by other means than the scanner's. */
  readonly in: RegExp;
  readonly of: 'stream' | 'evidence';
  /** Newer versions of llhttp see it as the scanner does. */
  readonly isMended?: true;
  readonly example: Example;
}

/** What both take, llhttp for something else. */
export interface ByTheRfc {
  readonly what: string;
  readonly why: string;
  /** Says the same in such words that llhttp sees it too. */
  readonly rewrite: (stream: string) => string;
  readonly isMended?: true;
  readonly example: Example;
}

const ok = (body: string, keepAlive = true): readonly SeenResponse[] => [{ status: 200, body, keepAlive }];
const refused = (error: string): Partial<Seen> => ({ responses: [], end: 'error', error });
const taken = (body: string, keepAlive = true): Partial<Seen> => ({
  responses: ok(body, keepAlive),
  end: 'between',
});

const OK = 'HTTP/1.1 200 OK\r\n';
const TWO = 'Content-Length: 2\r\n\r\nok';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n`;
const HELLO = '5\r\nhello\r\n0\r\n\r\n';

export const STRICTER: readonly Stricter[] = [
  {
    error: 'this is not HTTP/1.1',
    why: 'a version that it does not speak is not guessed at, and no blank line stands before a status line (RFC 9112, 2.2 lets a server skip one, and no client)',
    in: /^(?!HTTP\/1\.)/,
    of: 'evidence',
    example: { wire: `\r\n${OK}${TWO}`, ours: refused('this is not HTTP/1.1'), node: taken('ok') },
  },
  {
    error: 'this is not a status line of HTTP/1.1',
    why: 'a status is three digits from 100, the minor version 0 or 1 (RFC 9112, 4)',
    in: /^HTTP\/1\.(?![01] [1-9]\d\d[ \r])/,
    of: 'evidence',
    example: {
      wire: `HTTP/1.1 099 OK\r\n${TWO}`,
      ours: refused('this is not a status line of HTTP/1.1'),
      // Taken for an interim response, since it is below 200; then its body is a status line that is none.
      node: { responses: [], end: 'error' },
    },
  },
  {
    error: 'a status line without an end',
    why: 'a reason has no control characters (RFC 9112, 4): they are made for a terminal, or hide a second line',
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
    in: /HTTP\/1\.[01] \d{3}[^\r\n]*(?:[\x00-\x08\x0a-\x1f\x7f])/,
    of: 'stream',
    example: {
      wire: `HTTP/1.1 200 \x01\r\n${TWO}`,
      ours: refused('a status line without an end'),
      node: taken('ok'),
    },
  },
  {
    error: 'a content-length that is no length',
    why: 'beyond 2^53 a length cannot be counted to, here as in node:http',
    // An empty one llhttp refuses too, but not before the next line.
    in: /content-length:[ \t]*(?:\d{16,}|\r\n$)/i,
    of: 'stream',
    example: {
      wire: `${OK}Content-Length: 9007199254740993\r\n\r\n`,
      ours: refused('a content-length that is no length'),
      node: { responses: [], end: 'within' },
    },
  },
  {
    error: 'a chunk of an absurd size',
    why: 'beyond 2^53 a length cannot be counted to, here as in node:http',
    in: /(?:^|\n)[0-9a-f]{14,}/i,
    of: 'stream',
    example: {
      wire: `${CHUNKED}\r\nffffffffffffffff\r\n`,
      ours: refused('a chunk of an absurd size'),
      node: { responses: [], end: 'within' },
    },
  },
  {
    error: 'a transfer-encoding that is no list of codings',
    why: 'what cannot be read does not tell where a body ends (RFC 9112, 7); read until the connection closes, a cut-off body would pass as whole',
    in: /transfer-encoding:/i,
    of: 'stream',
    example: {
      wire: `${OK}Transfer-Encoding: "chunked"\r\n\r\n${HELLO}`,
      ours: refused('a transfer-encoding that is no list of codings'),
      node: taken(HELLO, false),
    },
  },
  {
    error: 'a body that is chunked twice',
    why: 'RFC 9112, 6.1 forbids it, and of two framings only one would be looked at',
    in: /transfer-encoding:[\s\S]*chunked[\s\S]*chunked/i,
    of: 'stream',
    example: {
      wire: `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n${HELLO}`,
      ours: refused('a body that is chunked twice'),
      node: taken('hello'),
    },
  },
  {
    error: 'a chunked coding with parameters',
    why: 'RFC 9112, 7.1: it has none, and their presence is an error',
    in: /chunked[ \t]*;/i,
    of: 'stream',
    example: {
      wire: `${OK}Transfer-Encoding: chunked;a=b\r\n\r\n${HELLO}`,
      ours: refused('a chunked coding with parameters'),
      node: taken(HELLO, false),
    },
  },
  {
    error: 'a transfer-encoding in HTTP/1.0',
    why: 'RFC 9112, 6.1: the framing is to be taken for faulty',
    in: /HTTP\/1\.0[\s\S]*transfer-encoding:/i,
    of: 'stream',
    example: {
      wire: `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${HELLO}`,
      ours: refused('a transfer-encoding in HTTP/1.0'),
      node: taken('hello', false),
    },
  },
  {
    error: 'both a content-length and a transfer-encoding',
    why: 'RFC 9112, 6.3: it might be an attempt to smuggle, and ought to be an error; llhttp lets an empty transfer-encoding pass',
    in: /content-length:[\s\S]*transfer-encoding:|transfer-encoding:[\s\S]*content-length:/i,
    of: 'stream',
    isMended: true,
    example: {
      wire: `${OK}Transfer-Encoding:\r\n${TWO}`,
      ours: refused('both a content-length and a transfer-encoding'),
      node: taken('ok'),
    },
  },
  {
    error: 'a carriage return without a line feed',
    why: 'RFC 9112, 2.2: it ends no line; llhttp takes it for the end of a status line without a reason',
    in: /\r(?!\n)/,
    of: 'stream',
    isMended: true,
    example: {
      wire: `HTTP/1.1 200\r\rA: b\r\n${TWO}`,
      ours: refused('a carriage return without a line feed'),
      node: taken('ok'),
    },
  },
  {
    error: 'the extension of a chunk that is none',
    why: 'RFC 9112, 7.1.1: a name, and a value that is a token or a quoted string',
    in: /(?:^|\n)[0-9a-f]+[ \t]*[; \t]/i,
    of: 'stream',
    example: {
      wire: `${CHUNKED}\r\n5;a="b"c\r\nhello\r\n0\r\n\r\n`,
      ours: refused('the extension of a chunk that is none'),
      node: { responses: [], end: 'error' },
    },
  },
];

/** The head of a response, if it is one; and those of its lines that have a name. */
const HEAD = /HTTP\/1\.[01] [^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/g;
const linesOf = (head: string): string[] => head.slice(0, -2).split('\r\n').slice(0, -1);
const nameOf = (line: string): string => line.slice(0, Math.max(0, line.indexOf(':'))).toLowerCase();
const contentOf = (line: string): string => line.slice(line.indexOf(':') + 1);

/** Puts one line with a new value in the place of all of a name; undefined: none. */
function joined(head: string, name: string, join: (values: string[]) => string | undefined): string {
  const lines = linesOf(head);
  const values = lines.filter((line) => nameOf(line) === name).map(contentOf);
  // What neither may take stays as it is.
  if (values.length === 0 || !values.every((value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value))) return head;
  const value = join(values);
  const first = lines.findIndex((line) => nameOf(line) === name);
  const others = lines.flatMap((line, index) => {
    if (nameOf(line) !== name) return [line];
    return index === first && value !== undefined ? [`${name}: ${value}`] : [];
  });
  return `${others.join('\r\n')}\r\n\r\n`;
}

const elementsOf = (values: readonly string[]): string[] =>
  values
    .flatMap((value) => value.split(','))
    .map((element) => element.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((element) => element !== '');

function connection(values: readonly string[]): string | undefined {
  const options = elementsOf(values).map((option) => option.toLowerCase());
  return ['close', 'keep-alive'].find((option) => options.includes(option));
}

export const BY_THE_RFC: readonly ByTheRfc[] = [
  {
    what: 'Proxy-Connection',
    why: 'is no header of HTTP (RFC 9112, C.2.2); llhttp takes it for Connection',
    rewrite: (stream) => stream.replace(/proxy-connection/gi, 'Xroxy-Connection'),
    example: {
      wire: `${OK}Proxy-Connection: close\r\n${TWO}`,
      ours: taken('ok'),
      node: taken('ok', false),
    },
  },
  {
    what: 'a tab around a length',
    why: 'blanks around a value are spaces and tabs (RFC 9110, 5.6.3)',
    isMended: true,
    rewrite: (stream) =>
      stream.replace(/content-length:[ \t]*\d+[ \t]*\r\n/gi, (line) => line.replaceAll('\t', ' ')),
    example: {
      wire: `${OK}Content-Length: 2\t\r\n\r\nok`,
      ours: taken('ok'),
      node: { responses: [], end: 'error' },
    },
  },
  {
    what: 'empty elements and blanks in a list of codings, and lists over several lines',
    why: 'RFC 9110, 5.6.1: they are ignored, and lines of one name are one list; llhttp does not see the last coding',
    rewrite: (stream) =>
      stream.replace(HEAD, (head) =>
        joined(head, 'transfer-encoding', (values) =>
          // A comma may stand in quotes.
          values.join('').includes('"')
            ? values.filter((value) => value.trim() !== '').join(',')
            : elementsOf(values).join(', ') || 'identity',
        ),
      ),
    example: {
      wire: `${OK}Transfer-Encoding: chunked, \r\n\r\n${HELLO}`,
      ours: taken('hello'),
      node: taken(HELLO, false),
    },
  },
  {
    what: 'close beside keep-alive',
    why: 'close wins, wherever it stands (RFC 9112, 9.3); in HTTP/1.0 llhttp lets keep-alive win',
    rewrite: (stream) => stream.replace(HEAD, (head) => joined(head, 'connection', connection)),
    example: {
      wire: `HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\n${TWO}`,
      ours: taken('ok', false),
      node: taken('ok'),
    },
  },
  {
    what: 'what an interim response says of its connection',
    why: 'the response that is the last is the final one (RFC 9112, 9.6); llhttp takes nothing after an interim one that closes',
    rewrite: (stream) =>
      stream.replace(HEAD, (head) =>
        /^HTTP\/1\.. 1/.test(head)
          ? joined(head, 'connection', () => undefined).replace('HTTP/1.0', 'HTTP/1.1')
          : head,
      ),
    example: {
      wire: `HTTP/1.1 103 Early\r\nConnection: close\r\n\r\n${OK}${TWO}`,
      ours: taken('ok'),
      node: { responses: [], end: 'excess' },
    },
  },
  {
    what: 'a trailer with a name that is for headers',
    why: 'RFC 9110, 6.5.1: what tells of the framing has no meaning there; llhttp reads a length in it, and a close',
    rewrite: (stream) =>
      stream.replace(
        /(?<=\n)(0+(?:[ \t]*;[^\r\n]*)?\r\n)((?:[^\r\n]+(?:\r\n|\r?$))+)/g,
        (_, last: string, trailers: string) =>
          last + trailers.replace(/^(?:content-length|transfer-encoding|connection)(?=:)/gim, 'x-trailer'),
      ),
    example: {
      wire: `${CHUNKED}\r\n5\r\nhello\r\n0\r\nContent-Length: x\r\n\r\n`,
      ours: taken('hello'),
      node: { responses: [], end: 'error' },
    },
  },
  {
    what: 'blanks in the extension of a chunk',
    why: 'RFC 9112, 7.1.1: they must not be sent, and must be taken',
    rewrite: (stream) =>
      stream.replace(
        /(?<=\n)([0-9a-f]+)([ \t]*;[^\r\n]*)(?=\r\n|\r?$)/gi,
        (_, size: string, extensions: string) =>
          size +
          extensions.replace(/("(?:[^"\\]|\\.)*")|[ \t]*([;=])[ \t]*/g, (__, quoted, sign) => quoted ?? sign),
      ),
    example: {
      wire: `${CHUNKED}\r\n5 ; a = b\r\nhello\r\n0\r\n\r\n`,
      ours: taken('hello'),
      node: { responses: [], end: 'error' },
    },
  },
];

const isPrefix = (ours: readonly SeenResponse[], node: readonly SeenResponse[]): boolean =>
  ours.every((response, index) => JSON.stringify(response) === JSON.stringify(node[index]));

/** Whether both made the same of it. How they put what is wrong does not matter. */
export const isSame = (ours: Seen, node: Seen): boolean =>
  ours.end === node.end &&
  ours.responses.length === node.responses.length &&
  isPrefix(ours.responses, node.responses);

/** The stream in words that llhttp reads as the RFC does. */
export const rewritten = (stream: string): string =>
  BY_THE_RFC.reduce((text, { rewrite }) => rewrite(text), stream);

/** A line of a head or before a chunk that the stream ends within. */
const UNFINISHED_CHUNK_LINE = /\n[0-9a-f]+[ \t]*;[^\r\n]*\r?$/i;

/** @returns why the scanner took less than llhttp; undefined: it should not have */
export function stricterBecause(stream: string, ours: Seen, node: Seen): string | undefined {
  if (!isPrefix(ours.responses, node.responses)) return undefined;
  if (ours.end === 'error') {
    const row = STRICTER.find(({ error }) => error === ours.error);
    const text = row?.of === 'evidence' ? (ours.evidence ?? '') : stream;
    return row?.in.test(text) === true ? row.error : undefined;
  }
  // Both have given up. The scanner judges some lines when they are whole, llhttp their first bytes.
  if (ours.end === 'within' && node.end === 'error')
    return ours.isInHead === true || UNFINISHED_CHUNK_LINE.test(stream) ? 'an unfinished line' : undefined;
  // llhttp skips blank lines before a status line, whether another response is due or not.
  if (ours.end === 'excess' && /^[\r\n]/.test(ours.evidence ?? '')) return 'blank lines at the end';
  return undefined;
}
