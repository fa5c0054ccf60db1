/** What options and data put into a request: it is sent as one request that says just that, or not at all. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadPlan } from '../../../src/core/load.ts';
import type { Problem } from '../../../src/kinds/common/problem.ts';
import { withAgent } from '../../../src/load/engine/request/agent.ts';
import { encodeHttp1 } from '../../../src/load/engine/request/encode.ts';
import { RequestSource } from '../../../src/load/engine/request/source.ts';
import { nameInConfig } from '../../../src/load/options/mistakes.ts';
import { buildLoadPlan, type WordsBesideUrl } from '../../../src/load/options/plan.ts';
import fc from '../../rig/fast-check.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shakedown-data-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function dataFile(content: string, ending = 'csv'): string {
  files += 1;
  const name = `data-${files}.${ending}`;
  writeFileSync(join(folder, name), content);
  return name;
}

interface Built {
  readonly plan: LoadPlan | undefined;
  readonly problems: readonly Problem[];
}

function build(words: WordsBesideUrl, url = 'http://127.0.0.1:8001/'): Built {
  const problems: Problem[] = [];
  const origin = { nameOf: nameInConfig, folder, tell: (problem: Problem) => problems.push(problem) };
  const plan = buildLoadPlan(url, words, [], origin);
  return { plan: problems.length === 0 ? plan : undefined, problems };
}

function complaints(words: WordsBesideUrl, url?: string): string {
  return build(words, url)
    .problems.map(({ message, hint = '' }) => `${message}\n  ${hint}`)
    .join('\n');
}

/** The first requests as they are written. */
function wires(built: Built, count = 1): Buffer[] {
  const { plan } = built;
  if (plan === undefined) throw new Error(JSON.stringify(built.problems));
  const encode = encodeHttp1(new URL(plan.target.url), plan.keepAlive);
  const source = new RequestSource(withAgent(plan, 'shakedown-load/0'), { worker: 0, workers: 1 }, encode);
  return Array.from({ length: count }, () => source.next().wire.bytes);
}

const textOf = (words: WordsBesideUrl, url?: string): string =>
  wires(build(words, url))[0]?.toString('latin1') ?? '';

interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  readonly body: string;
}

interface HttpParser {
  initialize(type: number, resource: object): void;
  execute(bytes: Buffer): number | Error;
  finish(): undefined | Error;
  close(): void;
  [event: number]: unknown;
}
const { HTTPParser, methods } = createRequire(import.meta.url)('node:_http_common') as {
  HTTPParser: { new (): HttpParser } & Record<
    'REQUEST' | 'kOnHeadersComplete' | 'kOnBody' | 'kOnMessageComplete',
    number
  >;
  methods: readonly string[];
};

/** The requests that a server of node:http sees. */
function seenBy(bytes: Buffer): SeenRequest[] {
  const seen: SeenRequest[] = [];
  let current = { method: '', url: '', headers: [] as readonly string[], body: '' };
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {});
  parser[HTTPParser.kOnHeadersComplete] = (...[, , headers, method, url]: unknown[]): number => {
    current = {
      method: methods[method as number] ?? '',
      url: url as string,
      headers: headers as string[],
      body: '',
    };
    return 0;
  };
  parser[HTTPParser.kOnBody] = (part: Buffer) => {
    current.body += part.toString('utf8');
  };
  parser[HTTPParser.kOnMessageComplete] = () => {
    seen.push(current);
  };
  const result = parser.execute(bytes);
  const failure = result instanceof Error ? result : parser.finish();
  parser.close();
  if (failure !== undefined) throw failure;
  return seen;
}

describe('a value in a header', () => {
  const crlf = 'id,note\n1,plain\n2,"first\r\nX-Admin: yes"\n';

  test.for([
    [
      'with a line break from data',
      crlf,
      /row 2 of .*: "note" has a line break at character 6, which the header X-Note cannot hold/,
    ],
    ['with a line feed from data', 'id,note\n1,"a\nb"\n', /row 1 .* a line break at character 2/],
    ['with a zero byte from data', 'id,note\n1,a\0\n', /row 1 .* U\+0000 at character 2/],
    ['beyond Latin-1 from data', 'id,note\n1,10 €\n', /row 1 .* U\+20AC at character 4/],
    ['of a whole plane from data', 'id,note\n1,ab😀\n', /row 1 .* U\+1F600 at character 3/],
  ] as const)('%s is refused, with its place', ([, content, message]) => {
    const data = dataFile(content);
    const { problems } = build({ data, headers: { 'X-Note': '{{note}}', 'X-Id': '{{id}}' } });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.path).toEqual(['data']);
    expect(problems[0]?.message).toMatch(message);
    // Where it does not stand in a header it may be sent.
    expect(complaints({ data, body: '{{note}}' })).toBe('');
    expect(complaints({ data, mix: [{ path: '/{{note}}' }] })).toBe('');
  });

  test('from data is refused in the token as well, and in the headers of a mix', () => {
    const data = dataFile(crlf);
    expect(complaints({ data, bearer: '{{note}}' })).toMatch(/which the header Authorization cannot hold/);
    const mix = [{ path: '/' }, { path: '/', headers: { 'X-A': 'a {{ note }}' } }];
    expect(complaints({ data, mix })).toMatch(/which the header X-A cannot hold/);
  });

  test('that Latin-1 can print is sent in Latin-1', () => {
    const data = dataFile('name\nZoë\n');
    expect(textOf({ data, headers: { 'X-Name': '{{name}}\tÄ' } })).toContain('\r\nX-Name: Zoë\tÄ\r\n');
  });

  test.for(['a\r\nX-Injected: yes', 'a\nb', 'a\rb', 'a\0b', '€', 'a\x7f'])(
    '%j as a token is refused, and not shown',
    (bearer) => {
      const told = complaints({ bearer });
      expect(told).toMatch(
        /`bearer`: no header can hold it: it has (a line break|U\+[0-9A-F]{4}) at character \d/,
      );
      expect(told).not.toContain('Injected');
    },
  );

  test.for(['a\r\nb', 'a\0b', '€'])('%j as it is written is refused', (value) => {
    expect(complaints({ headers: { 'X-A': value } })).toMatch(/is not a header/);
  });
});

test('half a character in data is refused', () => {
  const data = dataFile('{"a":"x"}\n{"a":"\\ud800"}\n', 'jsonl');
  expect(complaints({ data, mix: [{ path: '/{{a}}' }] })).toMatch(/row 2 of .* has half a character/);
});

describe('the method CONNECT', () => {
  test.for([
    [{ method: 'CONNECT' }, '`method`: CONNECT'],
    [{ mix: [{ path: '/' }, { path: '/b', method: 'CONNECT' }] }, '`mix[1].method`: CONNECT'],
  ] as const)('cannot be sent: %j', ([words, message]) => {
    expect(complaints(words as WordsBesideUrl)).toContain(message);
  });

  test('is the only one', () => {
    for (const method of ['TRACE', 'PURGE', 'GET', 'OPTIONS']) expect(textOf({ method })).toMatch(method);
  });
});

describe('where the body ends', () => {
  test.for([
    [
      'a length that is too short',
      { body: 'hello', headers: { 'Content-Length': '3' } },
      /"3" is not the length of the body, which has 5 bytes/,
    ],
    [
      'a length without a body',
      { headers: { 'content-length': '5' } },
      /"5" is not the length of the body, which has 0 bytes/,
    ],
    ['a length in another form', { body: 'hello', headers: { 'Content-Length': '+5' } }, /is not the length/],
    ['two lengths', { body: 'hello', headers: { 'Content-Length': ['5', '5'] } }, /"5, 5" is not the length/],
    [
      'a length of what is not known',
      { body: '{{counter}}', headers: { 'Content-Length': '1' } },
      /not known before values are filled in/,
    ],
    [
      'a length from data',
      { body: 'hello', headers: { 'Content-Length': '{{counter}}' } },
      /is not the length/,
    ],
    [
      'a coding that is not spoken',
      { body: 'hello', headers: { 'Transfer-Encoding': 'gzip, chunked' } },
      /"gzip, chunked" is not supported/,
    ],
    [
      'a coding from data',
      { body: 'hello', headers: { 'Transfer-Encoding': '{{counter}}' } },
      /is not supported/,
    ],
    [
      'both',
      { body: 'hello', headers: { 'Transfer-Encoding': 'chunked', 'Content-Length': '5' } },
      /contradict each other/,
    ],
  ] as const)('cannot be said wrongly: %s', ([, words, message]) => {
    expect(complaints(words as WordsBesideUrl)).toMatch(message);
  });

  test('may be said rightly', () => {
    const length = textOf({ body: 'héllo', headers: { 'Content-Length': '6' } });
    expect(length.match(/content-length/gi)).toHaveLength(1);
    const chunked = textOf({ body: 'héllo', headers: { 'Transfer-Encoding': 'Chunked' } });
    expect(chunked).toMatch(/\r\n\r\n6\r\nh..llo\r\n0\r\n\r\n$/);
    expect(chunked).not.toMatch(/content-length/i);
    expect(textOf({ method: 'POST', headers: { 'Transfer-Encoding': 'chunked' } })).toMatch(
      /\r\n\r\n0\r\n\r\n$/,
    );
  });
});

describe('a place for a value', () => {
  const data = (): string => dataFile('first name,straße,1st,a/b?c#d,x:y\nAda,Weg 1,one,odd,z\n');

  test.for([
    ['{{first name}}', 'Ada'],
    ['{{ first name }}', 'Ada'],
    ['{{straße}}', 'Weg 1'],
    ['{{1st}}', 'one'],
    ['{{a/b?c#d}}', 'odd'],
    ['{{x:y}}', 'z'],
  ] as const)('%s is filled everywhere', ([place, value]) => {
    const words = { data: data(), headers: { 'X-A': `<${place}>` }, body: `{"a":"${place}"}` };
    const escaped = encodeURIComponent(value);
    const url = `http://127.0.0.1:8001/p/${place}/q?a=${place}&b=1`;
    const wire = textOf(words, url);
    expect(wire).toContain(`POST /p/${escaped}/q?a=${escaped}&b=1 HTTP/1.1\r\n`);
    expect(wire).toContain(`X-A: <${value}>\r\n`);
    expect(wire.endsWith(`{"a":"${value}"}`)).toBe(true);
    const mix = textOf({ data: data(), mix: [{ path: `/p/${place}?a=${place}` }] });
    expect(mix).toContain(`GET /p/${escaped}?a=${escaped} HTTP/1.1\r\n`);
  });

  test.for(['{{last name}}', '{{größe}}', '{{2nd}}', '{{}}', '{{ }}', '{{a.b c}}', '{{first\nname}}'])(
    '%j that names no column is refused everywhere, and never sent',
    (place) => {
      expect(complaints({ data: data(), body: place })).toMatch(/names no column/);
      expect(complaints({ body: place })).toMatch(/names no column/);
      expect(complaints({ data: data(), mix: [{ path: `/${place}` }] })).toMatch(/names no column/);
      if (!place.includes('\n')) {
        expect(complaints({ data: data(), headers: { 'X-A': place } })).toMatch(/names no column/);
        expect(complaints({ data: data() }, `http://127.0.0.1/p/${place}`)).toMatch(/names no column/);
        expect(complaints({ data: data() }, `http://127.0.0.1/p?a=${place}`)).toMatch(/names no column/);
      }
    },
  );

  test('is refused where none can be', () => {
    expect(complaints({ data: data() }, 'http://{{1st}}/')).toMatch(/a place for a value in its host/);
    expect(complaints({ data: data() }, 'http://a.{{1st}}.place:80/')).toMatch(/in its host/);
    expect(complaints({ data: data() }, 'http://127.0.0.1:{{1st}}/')).toMatch(/is not a URL/);
    expect(complaints({ data: data(), user: '{{1st}}:secret' })).toMatch(
      /encoded before values are filled in/,
    );
    expect(complaints({ data: data() }, 'http://me:{{1st}}@127.0.0.1/')).toMatch(
      /before values are filled in/,
    );
  });
});

describe('a URL', () => {
  test.for(['http://a%zz:b@127.0.0.1/', 'http://a:%@127.0.0.1/', 'http://a:%ff@127.0.0.1/'])(
    'with a user that cannot be decoded is refused, and not shown: %s',
    (url) => {
      const told = complaints({}, url);
      expect(told).toMatch(/name or the password in the URL is not encoded.*\n.*%25/);
      expect(told).not.toContain('a%zz');
    },
  );

  test.for([
    'http://127.0.0.1/a\r\nb',
    'http://127.0.0.1/a\tb',
    'http://127.0.0.1/\0',
    '\nhttp://127.0.0.1/',
  ])('with a control character is refused: %j', (url) => {
    expect(complaints({}, url)).toMatch(/control character|is not a URL/);
  });
});

test('a path is escaped where a request line cannot hold it', () => {
  const wire = textOf({ mix: [{ path: '/a b\r\nX: y\0/ü/€#frag%20' }] });
  expect(wire).toMatch(/^GET \/a%20b%0D%0AX:%20y%00\/%C3%BC\/%E2%82%AC%23frag%20 HTTP\/1\.1\r\nHost: /);
});

describe('whatever the data and the options are', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc
      .array(
        fc.constantFrom(
          '\r\n',
          '\n',
          '\r',
          '\0',
          'GET / HTTP/1.1',
          ':',
          ' ',
          'é',
          '€',
          '{{',
          '}}',
          'a',
          '"',
          ',',
        ),
        { maxLength: 5 },
      )
      .map((parts) => parts.join('')),
  );

  test('one request is written for one that is due, or none at all', () => {
    let sent = 0;
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (inData, inHeader, inPath, inBody) => {
        const data = dataFile(`${JSON.stringify({ a: inData, b: 'fine' })}\n`, 'jsonl');
        const built = build({
          data,
          mix: [
            {
              path: `/{{a}}/${inPath}`,
              method: 'PUT',
              headers: { 'X-A': `x${inHeader}`, 'X-B': inHeader === '' ? '{{a}}' : '{{b}}' },
              body: `${inBody}{{a}}`,
            },
          ],
        });
        rmSync(join(folder, data));
        if (built.plan === undefined) return;
        sent += 1;
        const [wire = Buffer.alloc(0)] = wires(built);
        const seen = seenBy(Buffer.concat([wire, wire]));
        expect(seen).toHaveLength(2);
        const [first] = seen;
        expect(first?.method).toBe('PUT');
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be in it
        expect(first?.url).not.toMatch(/[\x00-\x20#\x7f-\uffff]/);
        expect(first?.headers).toHaveLength(10);
        const filled = (text: string): string => text.replaceAll(/\{\{\s*a\s*\}\}/g, () => inData);
        expect(first?.headers[5]).toBe(`x${filled(inHeader)}`.replace(/[ \t]+$/, ''));
        expect(first?.body).toBe(Buffer.from(filled(inBody) + inData).toString());
      }),
      { numRuns: 300, examples: [['', '{{a}}', '', '']] },
    );
    expect(sent).toBeGreaterThan(20);
  });
});
