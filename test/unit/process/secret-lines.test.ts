/** What only a component prints, in a place of secrets, is in none of the bytes that pass. */
import { describe, expect, test } from 'vitest';
import { MASK, Secrets } from '../../../src/core/secrets.ts';
import { SecretMask } from '../../../src/process/output/mask.ts';
import fc from '../../rig/fast-check.ts';
import { shareOf } from '../../rig/thorough.ts';

function passing(): { readonly mask: SecretMask; readonly shown: () => Buffer } {
  const shown: Buffer[] = [];
  const mask = new SecretMask(new Secrets(), (bytes) => shown.push(Buffer.from(bytes)));
  return { mask, shown: () => Buffer.concat(shown) };
}

function masked(chunks: readonly Buffer[]): Buffer {
  const { mask, shown } = passing();
  for (const chunk of chunks) mask.push(chunk);
  mask.end();
  return shown();
}

const inChunks = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
};

/** Random by its looks and unlike all that stands around it: each begins with Q and has no other letters than these. */
const letters = (more: string): fc.Arbitrary<string> =>
  fc
    .string({ unit: fc.constantFrom(...`QZ79${more}`), minLength: 7, maxLength: 40 })
    .map((text) => `Q${text}`);
const plain = letters('~_');
/** After an option, letters alone are taken for prose: `--token is wanted`. */
const noWord = plain.filter((text) => /[^A-Za-z]/.test(text));
const inHeader = letters('~_./+ ');
const inUrl = letters('~_!$&():;,=@%é');
const inQuotes = letters(" ~_.;,&|<>é:'");

const spelt = fc.constantFrom(
  ...['API_TOKEN', 'api_token', 'apiToken', 'DB_PASSWORD', 'dbPwd', 'JWT', 'jwt', 'x.auth.key', 'secret-key'],
  ...[
    'clientSecret',
    'privateKey',
    'npm_config__authToken',
    'MYSQL_PASS',
    'CREDENTIALS',
    'signing_key',
    'APIKEY',
  ],
);
const headerName = fc.constantFrom(
  ...[
    'authorization',
    'Authorization',
    'AUTHORIZATION',
    'Proxy-Authorization',
    'cookie',
    'Cookie',
    'SET-COOKIE',
  ],
  ...['set-cookie', 'x-api-key', 'X-Api-Key', 'X-API-KEY', 'x-auth-token', 'X-Auth-Token'],
);
const scheme = fc.constantFrom('', 'Bearer ', 'Basic ', 'Digest ');

/** A text with a secret in its place, and the secret. */
const printed: fc.Arbitrary<readonly [text: string, secret: string]> = fc.oneof(
  fc
    .tuple(fc.constantFrom('', 'me', 'x-y'), inUrl)
    .map(([user, it]) => [`postgres://${user}:${it}@host/db`, it] as const),
  fc.tuple(headerName, scheme, inHeader).map(([name, kind, it]) => [`${name}: ${kind}${it}\n`, it] as const),
  fc.tuple(headerName, scheme, inHeader).map(([name, kind, it]) => [`"${name}":"${kind}${it}"`, it] as const),
  fc
    .tuple(headerName, scheme, inHeader)
    .map(([name, kind, it]) => [`\\"${name}\\":\\"${kind}${it}\\"`, it] as const),
  fc.tuple(headerName, inHeader).map(([name, it]) => [`'${name}': '${it}',`, it] as const),
  inHeader.map((it) => [`Cookie: a=b; sid="${it}"; c=d\n`, it] as const),
  fc.tuple(spelt, plain).map(([name, it]) => [`${name}=${it} `, it] as const),
  fc.tuple(spelt, plain).map(([name, it]) => [`${name} = ${it};`, it] as const),
  fc.tuple(spelt, plain).map(([name, it]) => [`https://host/?a=b&${name}=${it}&c=d`, it] as const),
  fc.tuple(spelt, inQuotes).map(([name, it]) => [`${name}="${it}"`, it] as const),
  fc.tuple(spelt, inQuotes).map(([name, it]) => [`{"a":1,"${name}": "${it}"}`, it] as const),
  fc.tuple(spelt, inQuotes).map(([name, it]) => [`"{\\"${name}\\":\\"${it}\\"}"`, it] as const),
  fc.tuple(spelt, noWord).map(([name, it]) => [`--${name} ${it} `, it] as const),
  fc.tuple(spelt, plain).map(([name, it]) => [`--${name}=${it} `, it] as const),
);

/** Bytes without a letter of a secret, which need not be text. */
const others = fc
  .array(fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('\n\n ="\':/@-a.'))), { maxLength: 200 })
  .map((all) => Buffer.from(all.filter((each) => !Buffer.from('QZ79').includes(each))));
const cuts = fc.array(fc.nat(), { maxLength: 12 });

/** Four letters of it in a row that nobody else has. */
const partsOf = (secret: string): Buffer[] => {
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= secret.length; at += 1) {
    const part = secret.slice(at, at + 4);
    if (/^[QZ79]/.test(part)) parts.push(Buffer.from(part));
  }
  return parts;
};

describe('what is printed in a place of secrets', () => {
  test('does not pass, whatever it is, wherever it stands and however it is cut', () => {
    fc.assert(
      fc.property(others, printed, others, cuts, (before, [text, secret], after, places) => {
        // What is before it on its line may be a name or an open quote itself.
        const all = Buffer.concat([before, Buffer.from(`\n${text}`), after]);
        const shown = masked(inChunks(all, places));
        for (const part of partsOf(secret)) expect(shown.includes(part)).toBe(false);
        expect(shown.includes(MASK)).toBe(true);
      }),
      { numRuns: shareOf(3000) },
    );
  });

  test('does not pass byte by byte', () => {
    fc.assert(
      fc.property(printed, others, ([text, secret], after) => {
        const all = Buffer.concat([Buffer.from(text), after]);
        const whole = masked([all]);
        expect(masked(Array.from(all, (each) => Buffer.of(each)))).toEqual(whole);
        for (const part of partsOf(secret)) expect(whole.includes(part)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('does not pass in any of several lines, and they come out the same whole, line by line and in pieces', () => {
    const line = fc.oneof(
      printed.map(([text, secret]) => ({ text, secrets: [secret] })),
      fc
        .constantFrom('X-Forwarded-For: 127.0.0.1', 'listening on 8001', 'a=b', '', '"c": 1', 'at x.js:1:2')
        .map((text) => ({ text, secrets: [] })),
    );
    const header = fc
      .tuple(headerName, scheme, inHeader)
      .map(([name, kind, it]) => ({ text: `${name}: ${kind}${it}`, secrets: [it] }));
    const several = fc.oneof(
      fc.array(line, { minLength: 1, maxLength: 6 }),
      fc.array(header, { minLength: 2, maxLength: 4 }),
    );
    fc.assert(
      fc.property(several, cuts, (lines, places) => {
        const ended = lines.map(({ text }) => Buffer.from(`${text.trimEnd()}\n`));
        const whole = Buffer.concat(ended);
        const shown = masked([whole]);
        for (const part of lines.flatMap(({ secrets }) => secrets).flatMap(partsOf))
          expect(shown.includes(part)).toBe(false);
        expect(masked(ended).toString('latin1')).toBe(shown.toString('latin1'));
        expect(masked(inChunks(whole, places)).toString('latin1')).toBe(shown.toString('latin1'));
      }),
      { numRuns: shareOf(1000) },
    );
  });

  test.each([
    [
      'X-Api-Key: k3y-0123456789\nAuthorization: Bearer abc.def-ghi\n',
      'X-Api-Key: •••\nAuthorization: Bearer •••\n',
    ],
    ["PASSWORD= API_TOKEN='ab12 cd34ef56gh78' run\n", "PASSWORD= API_TOKEN='•••' run\n"],
    ['Auth= CI_TOKEN = zz99-zz99 run\n', 'Auth= CI_TOKEN = ••• run\n'],
    ["Auth=DB_PASSWORD='zz99 zz99'\n", "Auth=DB_PASSWORD='•••'\n"],
    ["token=abc:foo_token='zz99 zz99'\n", "token=•••'•••'\n"],
    ['PASSWORD= zz99zz99== run\n', 'PASSWORD= ••• run\n'],
    ['X-Vault-Token: zz99\n', 'X-Vault-Token: •••\n'],
    ['> PRIVATE-TOKEN: zz99-zz99\nbroken: yes\n', '> PRIVATE-TOKEN: •••\nbroken: yes\n'],
    ['{"token"=>"zz99-zz99"}\n', '{"token"=>"•••"}\n'],
    ['{"tokens": ["zz99-zz99","a b-a b"]}\n', '{"tokens": ["•••","•••"]}\n'],
    ['GH_PAT=zz99-zz99 STRIPE_KEY=zz99-zz99\n', 'GH_PAT=••• STRIPE_KEY=•••\n'],
  ])('does not pass beside another place: %j', (text, shown) => {
    expect(masked([Buffer.from(text)]).toString()).toBe(shown);
    for (let cut = 1; cut < text.length; cut += 1)
      expect(masked(inChunks(Buffer.from(text), [cut])).toString()).toBe(shown);
  });

  const E = '\u001b';
  test.each([
    [`${E}[32mAPI_TOKEN=zz99-zz99${E}[0m\n`, `${E}[32mAPI_TOKEN=•••${E}[0m\n`],
    [`${E}[1mAuthorization: Bearer abc.def${E}[22m\n`, `${E}[1mAuthorization: Bearer •••${E}[22m\n`],
    [
      `  ${E}[34m"token"${E}[0m: ${E}[32m"zz99-zz99"${E}[0m,\n`,
      `  ${E}[34m"token"${E}[0m: ${E}[32m"•••"${E}[0m,\n`,
    ],
    [
      `{${E}[0m${E}[34;1m"token"${E}[0m${E}[1;39m:${E}[0m ${E}[0;32m"zz99-zz99"${E}[0m}\n`,
      `{${E}[0m${E}[34;1m"token"${E}[0m${E}[1;39m:${E}[0m ${E}[0;32m"•••"${E}[0m}\n`,
    ],
    [`DB_PASSWORD${E}[2m=${E}(B${E}[m'zz99 zz99' x\n`, `DB_PASSWORD${E}[2m=${E}(B${E}[m'•••' x\n`],
    [`API_TOKEN=zz99-${E}[7mzz99${E}[27m\n`, `API_TOKEN=•••${E}[7m•••${E}[27m\n`],
    [`redis://me:${E}[31mzz99${E}[0m@host/\n`, `redis://me:${E}[31m•••${E}[0m@host/\n`],
  ])('does not pass in colours, and they stay: %j', (text, shown) => {
    expect(masked([Buffer.from(text)]).toString()).toBe(shown);
    const end = Buffer.byteLength(text);
    for (let cut = 1; cut < end; cut += 1)
      expect(masked(inChunks(Buffer.from(text), [cut])).toString()).toBe(shown);
    expect(masked(Array.from(Buffer.from(text), (each) => Buffer.of(each))).toString()).toBe(shown);
  });

  /** Colours anywhere but within a name, by the bytes of which it is found. */
  const SEQUENCES = new RegExp(`${E}(?:\\[[\\d;]*[mK]|\\(B)`, 'g');
  const sequence = fc.constantFrom('[0m', '[1;31m', '[38;5;196m', '(B', '[K').map((rest) => E + rest);
  const coloured = (text: string, places: readonly number[], sequences: readonly string[]): string => {
    const joints = [...text.matchAll(/(?<![\w.-])(?=[\w.-])|(?<=[\w.-])(?![\w.-])|(?<=[79])/g)].map(
      ({ index }) => index,
    );
    const chosen = new Map(
      places.map((place, index) => [joints[place % joints.length], sequences[index % sequences.length]]),
    );
    return Array.from(
      { length: text.length + 1 },
      (_, at) => (chosen.get(at) ?? '') + text.slice(at, at + 1),
    ).join('');
  };

  test('does not pass in colours, which all stay where they were', () => {
    fc.assert(
      fc.property(
        printed,
        fc.array(fc.nat(), { maxLength: 6 }),
        fc.array(sequence, { minLength: 1, maxLength: 6 }),
        cuts,
        ([text, secret], places, sequences, pieces) => {
          const all = Buffer.from(`${coloured(text, places, sequences)}\n`);
          const shown = masked(inChunks(all, pieces)).toString();
          const plain = (it: string): string => it.replaceAll(SEQUENCES, '');
          for (const part of partsOf(secret)) expect(plain(shown)).not.toContain(part.toString());
          expect(shown.match(SEQUENCES)).toEqual(all.toString().match(SEQUENCES));
        },
      ),
      { numRuns: shareOf(1000) },
    );
  });

  test('does not pass at any place of a line of any length', () => {
    const text = Buffer.from('x API_TOKEN=Q1-Q1-Q1 Authorization: Bearer Q2.Q2.Q2 and the rest');
    for (const length of [1000, 1023, 1024, 1025, 65_520, 65_536, 131_080])
      for (let shift = -70; shift <= 10; shift += 7) {
        const all = Buffer.concat([Buffer.alloc(length + shift, 'y '), text, Buffer.from('\nlast')]);
        const shown = masked(inChunks(all, [65_536, 131_072])).toString();
        expect(shown).not.toMatch(/Q\d/);
        expect(shown).toMatch(/x API_TOKEN=••• Authorization: Bearer •••\nlast$/);
      }
  });

  test('does not pass where it is longer than what is held back', () => {
    const value = Buffer.alloc(300_000, 'Q7');
    for (const before of ['API_TOKEN=', 'Cookie: sid=', '{"password": "'])
      expect(
        masked(
          inChunks(
            Buffer.concat([Buffer.from(before), value, Buffer.from('\nnext')]),
            [65_536, 131_072, 196_608],
          ),
        ).toString(),
      ).toMatch(/^(?:API_TOKEN=|Cookie: |{"password": ")•••\nnext$/);
  });

  test('does not pass where a variable has been named by the suite', () => {
    const secrets = new Secrets();
    secrets.name(['DOOR']);
    let shown = '';
    const mask = new SecretMask(secrets, (bytes) => {
      shown += bytes.toString();
    });
    mask.push(Buffer.from('DOOR=open-sesame\n'));
    mask.end();
    expect(shown).toBe(`DOOR=${MASK}\n`);
  });
});

describe('what is no secret', () => {
  /** What the rules are about, without a value that is one. */
  const harmless = fc.constantFrom(
    ...[
      'a=1 ',
      'token=',
      'TOKEN=true ',
      'pass=5 ',
      '://',
      'http://localhost:8001/a?b=c ',
      '@',
      'me@home ',
      '"a": "b"',
    ],
    ...[
      '--verbose ',
      '--token is wanted',
      'auth',
      'KEY=x ',
      'the cookie jar ',
      'PWD=/home/me/project ',
      ' ',
      '\n',
      'é',
      '•',
    ],
    ...['API_TOKEN=$TOKEN ', 'TOKEN_FILE=/run/secrets/token ', '=', ': ', '"', 'AUTHOR=somebody else '],
  );
  const noise = fc.nat(255).map((byte) => Buffer.of(byte));
  const bytes = fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: harmless.map((text) => Buffer.from(`${text}\n`)) },
        { weight: 1, arbitrary: noise },
      ),
      { maxLength: 60 },
    )
    .map((parts) => Buffer.concat(parts));

  test('comes out byte for byte, text or not', () => {
    fc.assert(
      fc.property(bytes, cuts, (all, places) => {
        // As text it means the same, by the same rules.
        fc.pre(new Secrets().conceal(all.toString('latin1')) === all.toString('latin1'));
        expect(masked(inChunks(all, places))).toEqual(all);
      }),
      { numRuns: shareOf(2000) },
    );
  });

  test.each([
    ['a prompt', 'Password: '],
    ['the beginning of a name', 'my_API_TOK'],
    ['a line without a sign', 'authorization required'],
    ['a line that is over', 'API_TOKEN=$X\n'],
  ])('passes at once: %s', (_, text) => {
    const { mask, shown } = passing();
    mask.push(Buffer.from(text));
    expect(shown().toString()).toBe(text);
  });

  test.each([
    ['listening on ', 'http://localhost:8001'],
    ['with API_TOKEN=', 'abc'],
    ['', ''],
  ])('is held back only from where it may be one, until the output ends: %j', (before, held) => {
    const { mask, shown } = passing();
    mask.push(Buffer.from(before + held));
    expect(shown().toString()).toBe(held.startsWith('http://') ? `${before}http://` : before);
    mask.end();
    expect(shown().toString()).toBe(before + held);
  });
});

describe('what was masked once', () => {
  test('is masked by itself too, if it is random by its looks', () => {
    expect(
      masked([
        Buffer.from('API_TOKEN=ghp-0123456789abcdef\n'),
        Buffer.from('sent ghp-0123456789abcdef\n'),
      ]).toString(),
    ).toBe(`API_TOKEN=${MASK}\nsent ${MASK}\n`);
  });

  test('leaves the words of others alone', () => {
    const text = 'token=connection-refused\nexit: connection-refused\n';
    expect(masked([Buffer.from(text)]).toString()).toBe(`token=${MASK}\nexit: connection-refused\n`);
  });

  test.each([
    ['is long', '0123456789abcdef'.repeat(20)],
    ['is alike in its first characters', 'a'.repeat(20)],
    ['has few different ones', 'ab1'.repeat(30)],
  ])('is not looked for where it %s', (_, value) => {
    const secrets = new Secrets();
    const mask = new SecretMask(secrets, () => {});
    for (let times = 100; times < 200; times += 1) mask.push(Buffer.from(`token=${value}${times}\n`));
    expect(secrets.forms.size).toBe(0);
  });

  test('is not looked for without bound', () => {
    const secrets = new Secrets();
    const mask = new SecretMask(secrets, () => {});
    for (let times = 0; times < 1000; times += 1)
      mask.push(Buffer.from(`API_TOKEN=0123456789-abcdef-${times}\n`));
    expect(secrets.forms.size).toBeLessThanOrEqual(400);
  });
});
