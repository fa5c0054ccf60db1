import { describe, expect, test } from 'vitest';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import { watchFor } from '../../../src/process/output/watch.ts';
import { shownText } from '../../../src/text/terminal-text.ts';
import fc from '../../rig/fast-check.ts';

describe('what a terminal shows of a line', () => {
  test.each([
    ['plain\r\n', 'plain'],
    ['WARN not there yet\rall is well       ', 'all is well       '],
    ['10%\r100%', '100%'],
    ['100%\r 9%', ' 9%%'],
    ['downloading\r\u001b[Kdone', 'done'],
    ['downloading\u001b[2K\rdone', 'done'],
    ['downloading\u001b[1Gup', 'upwnloading'],
    ['a\rb\rc', 'c'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u009b31mred\u009bm', 'red'],
    ['\u001b]0;title\u0007text', 'text'],
    ['\u001b]8;;http://localhost/\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001b]0;a title without its end', ''],
    ['\u001bP1$r0m\u001b\\x', 'x'],
    ['\u001b(Bx\u001b7y', 'xy'],
    ['\u001b', ''],
    ['ends in \u001b[3', 'ends in '],
  ])('%j', (raw, shown) => {
    expect(shownText(raw)).toBe(shown);
  });

  test('is never longer, and is shown as itself', () => {
    const raw = fc
      .array(
        fc.constantFrom('a', 'bc', '\r', '\u001b[K', '\u001b[2K', '\u001b[1m', '\u001b]x', '\u0007', 'ü'),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(raw, (line) => {
        const shown = shownText(line);
        expect(shown.length).toBeLessThanOrEqual(line.length);
        expect(shownText(shown)).toBe(shown);
      }),
    );
  });
});

describe('what a carriage return has overwritten', () => {
  const count = (text: string, pattern: string): number | undefined => {
    const scanner = new OutputScanner([watchFor('it', { type: 'text', text: pattern })]);
    scanner.push(Buffer.from(text));
    scanner.end();
    return scanner.sightings()[0]?.count;
  };

  test('is not matched', () => {
    expect(count('WARN not there yet\rall is well       \n', 'WARN')).toBe(0);
    expect(count('all is well\rgone             \n', 'all is well')).toBe(0);
    expect(count('all is well\r\u001b[Kgone', 'all is well')).toBe(0);
  });

  test('what it left is', () => {
    expect(count('10%\rWARN disk is full\n', 'WARN')).toBe(1);
    expect(count('all is well\r\n', 'all is well')).toBe(1);
    expect(count('xARN\rW\n', 'WARN')).toBe(1);
  });

  test('is not what a probe waits for, in a line that is still written either', () => {
    const scanner = new OutputScanner([watchFor('it', { type: 'text', text: 'ready' })]);
    scanner.push(Buffer.from('not ready'));
    expect(scanner.saw('it')).toBe(true);
    scanner.push(Buffer.from('\r         '));
    expect(scanner.saw('it')).toBe(false);
  });
});
