import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { headline } from '../../../src/core/headline.ts';
import { secrets } from '../../../src/core/secrets.ts';
import { CRASH_REPORTS } from '../../../src/process/output/crash-reports.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import { TEST_RUNS } from '../../../src/process/output/test-runs.ts';
import { visibleLine } from '../../../src/process/output/visible-line.ts';
import { type Sighting, type Watch, watchFor } from '../../../src/process/output/watch.ts';
import fc from '../../rig/fast-check.ts';

const LONGEST_LINE = 64 * 1024;

/** With flags of its own and without requiredText: it takes the slower way through the scanner. */
const LOUD: Watch = { name: 'loud', regex: /^warn(?:ing)?\b/im, extent: 2 };
const WORD = watchFor('word', { type: 'text', text: 'text' });

const WATCHES: Readonly<Record<string, readonly Watch[]>> = {
  'crash reports': CRASH_REPORTS,
  'crash reports and a text': [...CRASH_REPORTS, WORD],
  'crash reports and a regular expression': [...CRASH_REPORTS, LOUD],
  nothing: [],
};

interface Reading {
  readonly lines: number;
  readonly tail: readonly string[];
  readonly sightings: readonly Sighting[];
}

function read(chunks: readonly Buffer[], watches: readonly Watch[], allow: readonly RegExp[] = []): Reading {
  const scanner = new OutputScanner(watches, allow);
  const reused = Buffer.alloc(Math.max(0, ...chunks.map((chunk) => chunk.length)));
  for (const chunk of chunks) {
    // As the reader of a pipe does: the buffer is overwritten by what comes next.
    chunk.copy(reused);
    scanner.push(reused.subarray(0, chunk.length));
    reused.fill('#');
  }
  scanner.end();
  return { lines: scanner.lines, tail: scanner.tail(12), sightings: scanner.sightings() };
}

const seen = (reading: Reading): Record<string, number> =>
  Object.fromEntries(
    reading.sightings.filter(({ count }) => count > 0).map(({ name, count }) => [name, count]),
  );

const bytes = (...codes: number[]): Buffer => Buffer.from(codes);

const TRACEBACK =
  'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    f()\nValueError: bad row\n';
const NODE_CRASH =
  "/srv/a.js:1\nPromise.reject(new Error('x'))\n               ^\n\nError: x\n    at /srv/a.js:1:16\n\nNode.js v20.20.2\n";

/** What programs print, bit by bit: it may be cut anywhere. */
const piece: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((text) => Buffer.from(text)) },
  { weight: 3, arbitrary: fc.constant(Buffer.from('\n')) },
  {
    weight: 8,
    arbitrary: fc
      .constantFrom(
        TRACEBACK,
        NODE_CRASH,
        'Node.js v20.20.2\n',
        'Traceback (most recent call last):\n',
        '\u001b[31mTraceback (most recent call last):\u001b[0m\n  File "b.py"\n\u001b[1mKeyError\u001b[0m: 1\n',
        '  + Exception Group Traceback (most recent call last):\n  | x\n',
        "thread 'main' panicked at src/main.rs:1:2:\nno rows\n",
        'Segmentation fault (core dumped)',
        'panic: ',
        '  indented\n',
        'warning: x\nnext\n',
        'WARN\n',
        'a text here\n',
        'need',
        'le\n',
        '10%\r20%\r',
        '30% done\r\n',
        '\r\n',
        'grüße 😀 日本\n',
        '\n\n',
      )
      .map((text) => Buffer.from(text)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      bytes(0xff),
      bytes(0xc3),
      bytes(0xe2, 0x82),
      bytes(0xf0, 0x9f, 0x98),
      bytes(0x80, 0xfe, 0x0a),
      bytes(0x00),
      bytes(0x1b),
      bytes(0x1b, 0x5b),
    ),
  },
);

/** Now and then a line about as long as the longest, so that it is cut where it must be. */
const long = fc
  .record({
    length: fc.integer({ min: LONGEST_LINE - 3, max: LONGEST_LINE + 3 }),
    times: fc.constantFrom(1, 2),
    fill: fc.constantFrom('x', 'ü', 'Traceback (most recent call last):'),
  })
  .map(({ length, times, fill }) => Buffer.alloc(length * times, fill));

const output = (withLong: boolean): fc.Arbitrary<Buffer> =>
  fc
    .array(withLong ? fc.oneof({ weight: 12, arbitrary: piece }, { weight: 1, arbitrary: long }) : piece, {
      maxLength: 30,
    })
    .map((pieces) => Buffer.concat(pieces))
    // The one byte control characters of the nineties look like the second byte of many letters.
    .filter((all) => !all.includes(bytes(0xc2, 0x9b)));

/** The output cut at any bytes. */
const cut = (withLong: boolean): fc.Arbitrary<{ whole: Buffer; chunks: Buffer[] }> =>
  output(withLong).chain((whole) =>
    fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 12 }).map((places) => {
      const cuts = [0, ...places.sort((a, b) => a - b), whole.length];
      return { whole, chunks: cuts.slice(1).map((end, index) => whole.subarray(cuts[index], end)) };
    }),
  );

describe('however the bytes are cut', () => {
  test.each(Object.keys(WATCHES))('lines, tail and sightings are the same, watching for %s', (name) => {
    const watches = WATCHES[name] ?? [];
    fc.assert(
      fc.property(cut(false), ({ whole, chunks }) => {
        expect(read(chunks, watches)).toEqual(read([whole], watches));
      }),
      { numRuns: 400 },
    );
  });

  test('lines that are too long too', () => {
    // What stands above a report is looked up in the tail, which does not know where long lines were cut.
    const watches = CRASH_REPORTS.filter(({ leadIn }) => leadIn === undefined);
    fc.assert(
      fc.property(cut(true), ({ whole, chunks }) => {
        expect(read(chunks, watches)).toEqual(read([whole], watches));
      }),
      { numRuns: 150 },
    );
  });

  test('byte by byte', () => {
    const whole = Buffer.from(`😀 up\r\n${NODE_CRASH}\u001b[31m${TRACEBACK}\u001b[0m50%\r100%`);
    const single = [...whole].map((byte) => bytes(byte));
    expect(read(single, CRASH_REPORTS)).toEqual(read([whole], CRASH_REPORTS));
    expect(seen(read(single, CRASH_REPORTS))).toEqual({ 'Python traceback': 1, 'Node.js uncaught error': 1 });
  });
});

describe('against a plain reading of the whole text', () => {
  /** Colours and other sequences for terminals, as ECMA-48 has them, for the few that are made here. */
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const COLOR = /\u001b\[[\d;]*m/g;

  const lineText = fc
    .array(
      fc.constantFrom(
        'Traceback (most recent call last):',
        '  File "a.py"',
        'ValueError: x',
        'warning',
        'WARNING: DATA RACE',
        'a text',
        '\u001b[31m',
        '\u001b[1;32m',
        '\u001b[0m',
        ' ',
        'ü',
        '😀',
      ),
      { maxLength: 4 },
    )
    .map((parts) => parts.join(''));

  test('every line counts, and every line that matches is told', () => {
    fc.assert(
      fc.property(fc.array(lineText, { maxLength: 25 }), fc.boolean(), (lines, ended) => {
        const whole = lines.join('\n') + (ended && lines.length > 0 ? '\n' : '');
        const reading = read([Buffer.from(whole)], [...CRASH_REPORTS, LOUD, WORD]);
        const truth = whole.split('\n');
        // What follows the last line end is a line when it shows something; programs like to reset a colour there.
        if (truth.at(-1)?.replace(COLOR, '') === '') truth.pop();
        const plain = truth.map((line) => line.replace(COLOR, ''));
        const count = (matches: (line: string) => boolean): number => plain.filter(matches).length;
        expect(reading.lines).toBe(truth.length);
        const counts = Object.fromEntries(reading.sightings.map((each) => [each.name, each.count]));
        expect(counts).toMatchObject({
          'Python traceback': count((line) =>
            line.trimStart().startsWith('Traceback (most recent call last):'),
          ),
          'Go data race': count((line) => line === 'WARNING: DATA RACE'),
          loud: count((line) => /^(warn|warning)(?![a-z0-9_])/i.test(line)),
          word: count((line) => line.includes('text')),
        });
        expect(reading.tail).toEqual(plain.filter((line) => line.trim() !== '').slice(-12));
      }),
      { numRuns: 500 },
    );
  });

  test('an excerpt begins at its line', () => {
    fc.assert(
      fc.property(fc.array(lineText, { maxLength: 25 }), (lines) => {
        const { sightings } = read([Buffer.from(`${lines.join('\n')}\n`)], [...CRASH_REPORTS, LOUD, WORD]);
        const plain = lines.map((line) => line.replace(COLOR, ''));
        for (const { excerpts, count } of sightings) {
          expect(excerpts.length).toBeLessThanOrEqual(Math.min(3, count));
          expect(excerpts.length > 0).toBe(count > 0);
          for (const { line, text } of excerpts)
            expect(text).toEqual(plain.slice(line - 1, line - 1 + text.length));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a line as a terminal shows it', () => {
  test.each([
    ['plain', 'plain'],
    ['10%\r20%\r30%', '30%'],
    ['10%\r20%\r', '20%'],
    ['done\r\n', 'done'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b[2K\u001b[1Gfetching', 'fetching'],
    ['\u001b]8;;http://localhost/\u0007link\u001b]8;;\u0007', 'link'],
    ['\tindented', '\tindented'],
    ['bell\u0007 and nul\u0000', 'bell and nul'],
    ['', ''],
    ['\r', ''],
    ['x'.repeat(300), 'x'.repeat(300)],
    ['x'.repeat(301), `${'x'.repeat(299)}…`],
  ])('%j', (raw, shown) => {
    expect(visibleLine(raw)).toBe(shown);
  });

  test('never holds a control character other than a tab, nor more than a person reads', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (raw) => {
        const shown = visibleLine(raw.replaceAll('\n', ''));
        expect(shown.length).toBeLessThanOrEqual(300);
        expect([...shown].filter((char) => char !== '\t' && /\p{Cc}/u.test(char))).toEqual([]);
      }),
    );
  });
});

describe('the last line', () => {
  const lastLine = (text: string): string => {
    const scanner = new OutputScanner(CRASH_REPORTS);
    scanner.push(Buffer.from(text));
    return scanner.lastLine();
  };

  test.each([
    ['', ''],
    ['one\ntwo\n', 'two'],
    ['one\ntwo', 'two'],
    ['one\n\n  \n', 'one'],
    ['10%\r20%\r30%', '30%'],
    ['fetching\n10%\r20%\r', '20%'],
    ['\u001b[32mready\u001b[0m\n', 'ready'],
  ])('of %j', (text, shown) => {
    expect(lastLine(text)).toBe(shown);
  });
});

describe('a line that is still being written', () => {
  test('is counted, is the tail, and is looked at by `saw`', () => {
    const scanner = new OutputScanner([watchFor('ready', { type: 'text', text: 'listening' })]);
    scanner.push(Buffer.from('starting\nlisten'));
    expect([scanner.lines, scanner.saw('ready')]).toEqual([2, false]);
    scanner.push(Buffer.from('ing on 8001'));
    expect([scanner.lines, scanner.saw('ready')]).toEqual([2, true]);
    expect(scanner.tail(2)).toEqual(['starting', 'listening on 8001']);
    expect(scanner.sightings()[0]?.count).toBe(0);
    scanner.end();
    expect(scanner.sightings()[0]?.count).toBe(1);
    expect(scanner.lines).toBe(2);
  });

  test('a watch that is not there has seen nothing', () => {
    const scanner = new OutputScanner([]);
    scanner.push(Buffer.from('listening\n'));
    expect(scanner.saw('ready')).toBe(false);
  });
});

describe('what is allowed', () => {
  test('does not count, for no watch', () => {
    const text = 'warning: old\nwarning: new\nTraceback (most recent call last):\n  x\nE: y\n';
    const reading = read([Buffer.from(text)], [...CRASH_REPORTS, LOUD], [/old/, /^Traceback/]);
    expect(seen(reading)).toEqual({ loud: 1 });
  });
});

describe('excerpts', () => {
  const excerpts = (text: string): readonly (readonly string[])[] =>
    read([Buffer.from(text)], CRASH_REPORTS)
      .sightings.flatMap((sighting) => sighting.excerpts)
      .map((excerpt) => excerpt.text);

  test('a traceback is shown to its error, and nothing after it', () => {
    expect(excerpts(`up\n${TRACEBACK}done\n`)).toEqual([TRACEBACK.trimEnd().split('\n')]);
  });

  test('of a very deep traceback the first lines and the error are shown', () => {
    const frames = Array.from({ length: 1000 }, (_, index) => `  File "a.py", line ${index}, in f\n`);
    const [shown = []] = excerpts(
      `Traceback (most recent call last):\n${frames.join('')}RecursionError: deep\n`,
    );
    expect(shown[0]).toBe('Traceback (most recent call last):');
    expect(shown.at(-1)).toBe('RecursionError: deep');
    expect(shown.length).toBeLessThan(30);
  });

  test('one that is cut off by the end is shown as far as it came', () => {
    expect(excerpts('Traceback (most recent call last):\n  File "a.py"')).toEqual([
      ['Traceback (most recent call last):', '  File "a.py"'],
    ]);
  });

  test('what Node says of an uncaught error is shown from its first line, wherever the chunks part', () => {
    const whole = Buffer.from(`up\n${'log\n'.repeat(40)}${NODE_CRASH}`);
    for (let at = 0; at < whole.length; at += 7) {
      const { sightings } = read([whole.subarray(0, at), whole.subarray(at)], CRASH_REPORTS);
      const found = sightings.filter(({ count }) => count > 0).flatMap((sighting) => sighting.excerpts);
      expect(found).toEqual([{ line: 42, text: NODE_CRASH.trimEnd().split('\n') }]);
    }
  });
});

describe('a flood', () => {
  test('of 500,000 lines of tracebacks is three excerpts and an exact count', () => {
    const tracebacks = 125_000;
    const scanner = new OutputScanner(CRASH_REPORTS);
    const block = Buffer.from(TRACEBACK.repeat(250));
    for (let pushed = 0; pushed < tracebacks; pushed += 250) scanner.push(block);
    scanner.end();
    expect(scanner.lines).toBe(500_000);
    const [sighting] = scanner.sightings().filter(({ count }) => count > 0);
    expect(sighting?.name).toBe('Python traceback');
    expect(sighting?.count).toBe(tracebacks);
    expect(sighting?.excerpts).toEqual(
      [1, 5, 9].map((line) => ({ line, text: TRACEBACK.trimEnd().split('\n') })),
    );
  });

  test('of tracebacks by many threads, written into each other, has an exact count too', () => {
    const header = 'Traceback (most recent call last):\n';
    const { sightings } = read([Buffer.from(header.repeat(1000))], CRASH_REPORTS);
    expect(sightings[0]?.count).toBe(1000);
    expect(sightings[0]?.excerpts.length).toBeLessThanOrEqual(3);
  });

  test('of bytes without a line end does not pile up', () => {
    const scanner = new OutputScanner(CRASH_REPORTS);
    const block = Buffer.alloc(LONGEST_LINE, 'x');
    for (let index = 0; index < 100; index++) scanner.push(block);
    scanner.end();
    expect(scanner.lines).toBe(100);
    expect(scanner.tail(1)).toEqual([`…${'x'.repeat(298)}…`]);
  });

  test('shows no rest of a value whose name is not there any more', () => {
    const scanner = new OutputScanner([watchFor('word', { type: 'text', text: 'text' })]);
    // The name ends where the last 16 KiB begin, and where a line is cut.
    scanner.push(Buffer.from(`API_TOKEN=s3cr3t-s3cr3t text ${'x'.repeat(16 * 1024 - 21)}`));
    scanner.end();
    expect(scanner.tail(3).join()).not.toContain('s3cr3t');
    const cut = new OutputScanner([watchFor('word', { type: 'text', text: 'text' })]);
    cut.push(Buffer.from(`${'x '.repeat(32 * 1024 - 5)}API_TOKEN=s3cr3t-s3cr3t text\n`));
    cut.end();
    expect(JSON.stringify(cut.sightings())).not.toContain('s3cr3t');
    expect(cut.sightings()).toMatchObject([{ count: 1 }]);
  });
});

describe('a line that is cut in the middle of a secret', () => {
  const value = 'zq8-cr3thd0123456789abcTAIL';
  const PARTS = /zq8-|cr3t|hd01|2345|6789|9abc|TAIL/;

  test('shows no part of it at its beginning, wherever that is', () => {
    secrets.learn({ env: { CUT_TOKEN: value } });
    for (let more = 0; more < value.length; more += 1) {
      const scanner = new OutputScanner([watchFor('end', { type: 'text', text: 'the end' })]);
      scanner.mark();
      scanner.push(Buffer.from(`${'.'.repeat(more)}${value.repeat(6000)} the end`));
      scanner.end();
      expect(scanner.tail(1), `${more}`).toEqual([expect.stringMatching(/^…•••/)]);
      for (const shown of [...scanner.tail(9), ...scanner.since(), JSON.stringify(scanner.sightings())])
        expect(shown, `${more}`).not.toMatch(PARTS);
      expect(scanner.sightings()).toMatchObject([{ count: 1 }]);
    }
  });

  test('nor behind a colour that is cut', () => {
    secrets.learn({ env: { CUT_TOKEN: value } });
    for (let more = 0; more < 40; more += 1) {
      const scanner = new OutputScanner([]);
      scanner.push(
        Buffer.from(`${'.'.repeat(more)}${`${value.slice(0, 9)}\x1b[01;31m${value.slice(9)}`.repeat(3000)}`),
      );
      expect(scanner.tail(1).join(), `${more}`).not.toMatch(PARTS);
    }
  });

  test('nor at its end, nor where a mark is', () => {
    secrets.learn({ env: { CUT_TOKEN: value } });
    const scanner = new OutputScanner([watchFor('word', { type: 'text', text: 'text' })]);
    const colours = '\x1b[m'.repeat(Math.floor((LONGEST_LINE - 20) / 3));
    scanner.push(Buffer.from(`text ${colours}`.padEnd(LONGEST_LINE - 12) + value.slice(0, 12)));
    scanner.mark();
    scanner.push(Buffer.from(`${value.slice(12)}${value.repeat(300)}`));
    scanner.end();
    expect(scanner.sightings()[0]?.excerpts[0]?.text.join()).toMatch(/^text +•••…/);
    for (const shown of scanner.since()) expect(shown).not.toMatch(PARTS);
  });
});

describe('what stands above a line', () => {
  const REPORT = 'Error: x\n    at a.js:1:1\n\nNode.js v20.12.0\n';

  test('is made fit to be shown only where it is kept', () => {
    const conceal = vi.spyOn(secrets, 'conceal');
    onTestFinished(() => conceal.mockRestore());
    const scanner = new OutputScanner([...CRASH_REPORTS, ...TEST_RUNS]);
    const lines = [
      'OK (skipped=2)\n',
      '100% tests passed, 0 tests failed out of 2\n',
      'ok  \tx/y\t0.1s\n',
      '--- SKIP: TestA (0.00s)\n',
      REPORT,
    ];
    for (const line of lines)
      for (let times = 0; times < 20; times += 1) scanner.push(Buffer.from(line.repeat(100)));
    expect(scanner.sightings().find(({ name }) => name === 'Node.js uncaught error')?.count).toBe(2000);
    // Three excerpts of each watch, and the lines above those of a crash.
    expect(conceal.mock.calls.length).toBeLessThan(200);
  });

  test('does not begin with the rest of a long line, which may be the end of a secret', () => {
    const value = 'opaque-'.repeat(400);
    const scanner = new OutputScanner(CRASH_REPORTS);
    scanner.push(Buffer.from(`password=${value}\nError: ${'x'.repeat(15_000)}\n    at a.js:1:1\n`));
    scanner.push(Buffer.from('\nNode.js v20.12.0\n'));
    expect(scanner.sightings().find(({ name }) => name === 'Node.js uncaught error')?.count).toBe(1);
    expect(JSON.stringify(scanner.sightings())).not.toContain('opaque');
  });
});

test('of a long structured line what it says is shown, and not how it begins', () => {
  const scanner = new OutputScanner([]);
  const err = {
    type: 'Error',
    message: 'no such table: users',
    stack: `Error: x\n${'    at f (a.js:1:1)\n'.repeat(40)}`,
  };
  scanner.push(Buffer.from(`${JSON.stringify({ level: 60, time: 1, pid: 7, err, msg: 'cannot start' })}\n`));
  expect(scanner.tail(1)).toEqual(['ERROR: cannot start: Error: no such table: users']);
  expect(headline(scanner.tail(1))).toBe('ERROR: cannot start: Error: no such table: users');
});

describe('what has come since a mark', () => {
  test('is nothing where there is no mark, and nothing of what came before', () => {
    const scanner = new OutputScanner([]);
    scanner.push(Buffer.from('before\n'));
    expect(scanner.since()).toEqual([]);
    scanner.mark();
    expect(scanner.since()).toEqual([]);
    scanner.push(Buffer.from('after\nand unfin'));
    expect(scanner.since()).toEqual(['after', 'and unfin']);
  });

  test('is its beginning and its end, where it is more than is kept', () => {
    const scanner = new OutputScanner([]);
    scanner.mark();
    scanner.push(Buffer.from('first\n'));
    for (let index = 0; index < 5000; index++) scanner.push(Buffer.from(`line ${index} ${'x'.repeat(90)}\n`));
    scanner.push(Buffer.from('last\n'));
    const lines = scanner.since();
    expect(lines[0]).toBe('first');
    expect(lines.at(-1)).toBe('last');
    expect(lines.join('\n').length).toBeLessThan(100 * 1024);
    for (const line of lines.slice(1, -1)) expect(line).toMatch(/^line \d+ x{90}$/);
  });

  test('is whole, however long its lines are, and without secrets', () => {
    const scanner = new OutputScanner([]);
    scanner.mark();
    scanner.push(Buffer.from(`{"level":50,"stack":"${'x'.repeat(2000)}","password":"hunter22"}\n`));
    expect(scanner.since()[0]?.length).toBeGreaterThan(2000);
    expect(scanner.since()[0]).not.toContain('hunter22');
  });
});
