import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { MASK, Secrets } from '../../../src/core/secrets.ts';
import { seenIn } from '../../../src/core/unseen.ts';
import { maskFile, SecretMask } from '../../../src/process/output/mask.ts';
import { unseenIn } from '../../../src/process/output/unseen-bytes.ts';
import { shownText } from '../../../src/text/terminal-text.ts';
import fc from '../../rig/fast-check.ts';
import { shareOf } from '../../rig/thorough.ts';

function secretsOf(values: readonly string[]): Secrets {
  const secrets = new Secrets();
  const env = Object.fromEntries(values.map((value, index) => [`NAME_${index}`, value]));
  secrets.name(Object.keys(env));
  secrets.learnEnvironment(env);
  return secrets;
}

function masked(chunks: readonly Buffer[], secrets: Secrets): Buffer {
  const shown: Buffer[] = [];
  const mask = new SecretMask(secrets, (bytes) => shown.push(Buffer.from(bytes)));
  const reused = Buffer.alloc(Math.max(0, ...chunks.map(({ length }) => length)));
  for (const chunk of chunks) {
    chunk.copy(reused);
    mask.push(reused.subarray(0, chunk.length));
    reused.fill('#');
  }
  mask.end();
  return Buffer.concat(shown);
}

/** What it means: every byte of a secret is taken out, and for each stretch of them stands one mask. */
function meaning(bytes: Buffer, secrets: Secrets): Buffer {
  const forms = [...secrets.forms].map((form) => Buffer.from(form));
  const places = Array.from({ length: bytes.length }, (_, start) => ({
    start,
    end: Math.max(
      start,
      ...forms.map((form) => (bytes.indexOf(form, start) === start ? start + form.length : start)),
    ),
  })).filter(({ start, end }) => end > start);
  const shown: Buffer[] = [];
  let covered = 0;
  for (const { start, end } of places) {
    if (start >= covered) shown.push(bytes.subarray(covered, start), Buffer.from(MASK));
    covered = Math.max(covered, end);
  }
  return Buffer.concat([...shown, bytes.subarray(covered)]);
}

/** Few letters, so that secrets overlap, begin alike and hold each other. */
const secret = fc.string({ unit: fc.constantFrom(...'aabü'), minLength: 4, maxLength: 9 });
const byte = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...Buffer.from('aaabü\n')) },
  // What nobody sees is in tests of its own.
  { weight: 1, arbitrary: fc.nat(255).filter((each) => unseenIn(Buffer.of(each)).gaps.count === 0) },
);
const cut = fc.array(byte, { maxLength: 120 }).chain((all) =>
  fc.array(fc.nat(all.length), { maxLength: 10 }).map((places) => {
    const whole = Buffer.from(all);
    const cuts = [0, ...places.sort((a, b) => a - b), whole.length];
    return { whole, chunks: cuts.slice(1).map((end, index) => whole.subarray(cuts[index], end)) };
  }),
);

describe('bytes that pass', () => {
  test('hold no secret, however they are cut, also where they are no text', () => {
    fc.assert(
      fc.property(fc.array(secret, { maxLength: 4 }), cut, (values, { whole, chunks }) => {
        const secrets = secretsOf(values);
        const wanted = meaning(whole, secrets);
        expect(masked([whole], secrets)).toEqual(wanted);
        expect(masked(chunks, secrets)).toEqual(wanted);
        expect(
          masked(
            [...whole].map((each) => Buffer.of(each)),
            secrets,
          ),
        ).toEqual(wanted);
      }),
      { numRuns: shareOf(1500) },
    );
  });

  test('are passed on at once but for what may become a secret', () => {
    const shown: string[] = [];
    const mask = new SecretMask(secretsOf(['abcdef']), (bytes) => shown.push(bytes.toString()));
    mask.push(Buffer.from('listening ab'));
    expect(shown).toEqual(['listening ']);
    mask.push(Buffer.from('c on 8001'));
    expect(shown.join('')).toBe('listening abc on 8001');
  });

  test('do not pile up', () => {
    let seen = 0;
    const mask = new SecretMask(secretsOf(['aaaaaaaa']), (bytes) => {
      seen += bytes.length;
    });
    for (let times = 0; times < shareOf(100); times += 1) mask.push(Buffer.alloc(64 * 1024, 'a'));
    mask.end();
    expect(seen).toBe(Buffer.byteLength(MASK));
  });

  test('are compared with few secrets, however many begin alike', () => {
    const line = Buffer.alloc(4000, 'a');
    for (const count of [100, 400]) {
      const secrets = secretsOf(
        Array.from({ length: count }, (_, index) => `${'a'.repeat(300)}${1000 + index}`),
      );
      const compare = vi.spyOn(Buffer.prototype, 'compare');
      try {
        const mask = new SecretMask(secrets, () => {});
        // What is looked for is made ready by the first of it.
        mask.push(line);
        compare.mockClear();
        mask.push(line);
        mask.end();
        expect(compare.mock.calls.length).toBeLessThan(line.length * 25);
      } finally {
        compare.mockRestore();
      }
    }
  });

  test('are masked by what has become known meanwhile', () => {
    const secrets = new Secrets();
    const shown: string[] = [];
    const mask = new SecretMask(secrets, (bytes) => shown.push(bytes.toString()));
    mask.push(Buffer.from('one abcdefg '));
    secrets.learnEnvironment({ A_TOKEN: 'abcdefg' });
    mask.push(Buffer.from('two abcdefg'));
    mask.end();
    expect(shown.join('')).toBe(`one abcdefg two ${MASK}`);
  });
});

describe('a secret with escape sequences within', () => {
  const sequence = fc.constantFrom(
    '\x1b[K',
    '\x1b[01;31m',
    '\x1b(B',
    '\x1b]8;;aab\x07',
    '\x1b]8;;\x1b\\',
    '\u009b2K',
  );
  const line = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...'aabü\n•') },
      { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom('a', '\x1b[m', 'b'), minLength: 4 }) },
      { weight: 1, arbitrary: sequence },
    ),
    { maxLength: 60 },
  );
  const stripped = (bytes: Buffer): string =>
    bytes
      .toString()
      .split('\n')
      .map(shownText)
      .join('\n')
      .replace(/(?:•••)+/g, MASK);

  test('is masked as if they were not there, and they stay', () => {
    fc.assert(
      fc.property(
        line,
        fc.array(secret, { maxLength: 5 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (parts, values, sizes) => {
          const secrets = secretsOf(values);
          const whole = Buffer.from(parts.join(''));
          const chunks: Buffer[] = [];
          for (let at = 0; at < whole.length; ) {
            const size = sizes.next().value as number;
            chunks.push(whole.subarray(at, at + size));
            at += size;
          }
          const plain = Buffer.from(stripped(whole));
          expect(stripped(masked(chunks, secrets))).toBe(stripped(meaning(plain, secrets)));
        },
      ),
      { numRuns: shareOf(3000) },
    );
  });

  test('leaves the colours, and holds back no more than what may become it', () => {
    const value = 's3cr3thd0123456789abcTAIL';
    const secrets = secretsOf([value]);
    const coloured = `at \x1b[01;31m${value.slice(0, 8)}\x1b[m${value.slice(8)}.\n`;
    expect(masked([Buffer.from(coloured)], secrets).toString()).toBe(`at \x1b[01;31m${MASK}\x1b[m${MASK}.\n`);

    const passed = vi.fn();
    const mask = new SecretMask(secrets, ({ length }) => passed(length));
    mask.push(Buffer.from(value.slice(0, 8)));
    for (let count = 0; count < 50; count += 1) mask.push(Buffer.from('\x1b[K'.repeat(4000)));
    expect(passed).toHaveBeenCalled();
  });
});

describe('a secret with something within that a reader does not see', () => {
  const value = 's3cr3thd0123456789abcTAIL';
  const secrets = secretsOf([value]);
  const gaps = [
    '\r',
    '\0',
    '\b',
    '\x7f',
    '\x07',
    '\u0085',
    '\u00ad',
    '\u034f',
    '\u061c',
    '\u200b',
    '\u200d',
    '\u202e',
  ];
  const more = ['\u2060', '\u3164', '\ufe0f', '\ufeff', '\u{e0041}', '\u200b\x1b[31m\0', '\u009b1m'];

  test.each([...gaps, ...more])('is masked: %j', (gap) => {
    const whole = Buffer.from(`at ${value.slice(0, 8)}${gap}${value.slice(8)}${gap}.\n`);
    const wanted = `at ${MASK}${gap}${MASK}${gap}.\n`;
    expect(masked([whole], secrets).toString()).toBe(wanted);
    // Wherever it is cut, nothing of the secret is left.
    for (let at = 1; at < whole.length; at += 1) {
      const shown = masked([whole.subarray(0, at), whole.subarray(at)], secrets).toString();
      expect(shown.replaceAll(gap, ''), `cut at byte ${at}`).toMatch(/^at (?:•••)+\.\n$/);
    }
    expect(secrets.conceal(`at ${value.slice(0, 8)}${gap}${value.slice(8)}.`)).toBe(`at ${MASK}.`);
  });

  test('but what is seen is left as it is', () => {
    for (const gap of [' ', '\t', '\n', '-', '•', '—', 'ü', '終', '😀']) {
      const text = `${value.slice(0, 8)}${gap}${value.slice(8)}`;
      expect(masked([Buffer.from(text)], secrets).toString()).toBe(text);
      expect(secrets.conceal(text)).toBe(text);
    }
  });
});

test('a line end of Windows is none of what is within a secret, unless that has several lines', () => {
  const value = 'first-line-of-it\nsecond-line-of-it';
  const bytes = Buffer.from(`at ${value.replace('\n', '\r\n')}\r\n.`);
  expect(masked([bytes], secretsOf([value])).toString()).toBe(`at ${MASK}\r${MASK}\r\n.`);
  for (const ends of ['a\r\nb\r\n', '\r\n']) expect(unseenIn(Buffer.from(ends), true).gaps.count).toBe(0);
  for (const others of ['a\rb\r\n', 'a\r\r\n', 'a\r\nb\r', 'a\r\n\u001b[m', 'ü\r\n']) {
    const [fast, slow] = [true, false].map((ofLines) => unseenIn(Buffer.from(others), ofLines).gaps.count);
    expect(fast, JSON.stringify(others)).toBe(slow);
  }
  const unit = fc.constantFrom('aab', 'a\rab', '\r\n', '\n', 'a', 'b', '\r');
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 30 }), fc.array(secret, { maxLength: 4 }), (parts, values) => {
      const text = parts.join('');
      const shown = masked([Buffer.from(text)], secretsOf(values)).toString();
      const seen = shown.replaceAll('\r', '').replace(/(?:•••)+/g, MASK);
      expect(seen).toBe(
        meaning(Buffer.from(text.replaceAll('\r', '')), secretsOf(values))
          .toString()
          .replace(/(?:•••)+/g, MASK),
      );
    }),
    { numRuns: shareOf(1000) },
  );
});

test('the same is unseen in bytes and in text', () => {
  const unit = fc.constantFrom(
    ...'ab[]1;m\n\t \\',
    '\x1b',
    '\x07',
    '\r',
    '\0',
    '\u0090',
    '\u009b',
    '\u009c',
    'ü',
    '—',
    '終',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
      const bytes = Buffer.from(text);
      const { gaps } = unseenIn(bytes);
      const seen = gaps.piecesOf({ start: 0, end: gaps.leftOf(bytes.length) });
      const left = Buffer.concat(seen.map(({ start, end }) => bytes.subarray(start, end))).toString();
      expect(left).toBe(seenIn(text)?.seen ?? text);
    }),
    { numRuns: shareOf(3000) },
  );
  for (let code = 0; code <= 0x10ffff; code += code < 0x10000 ? 1 : 7) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const text = `${String.fromCodePoint(code)}.`;
    if (unseenIn(Buffer.from(text)).gaps.count > 0 !== (seenIn(text) !== undefined))
      expect.fail(`U+${code.toString(16)} is not the same`);
  }
});

test('a file is masked afterwards', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-mask-'));
  try {
    const path = join(folder, 'a.log');
    writeFileSync(path, Buffer.concat([Buffer.alloc(64 * 1024 - 3, 'x'), Buffer.from('abcdef\u00ff\n')]));
    maskFile(path, secretsOf(['abcdef']));
    expect(readFileSync(path, 'utf8')).toBe(`${'x'.repeat(64 * 1024 - 3)}${MASK}\u00ff\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
