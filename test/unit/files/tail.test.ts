import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Tail } from '../../../src/files/tail.ts';
import fc from '../../rig/fast-check.ts';

const folder = mkdtempSync(join(tmpdir(), 'tail-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a file that comes later is read from its beginning', () => {
  const path = join(folder, 'later');
  const tail = new Tail(path);
  expect(tail.lines()).toEqual([]);
  writeFileSync(path, 'one\ntw');
  expect(tail.lines()).toEqual(['one']);
  appendFileSync(path, 'o\nthree');
  expect(tail.lines()).toEqual(['two']);
  expect(tail.end()).toEqual(['three']);
});

test('whatever the pieces in which it is written, its lines are those of the whole', () => {
  let count = 0;
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r', '漢', '🙂'), maxLength: 20 }), {
        maxLength: 8,
      }),
      fc.nat({ max: 5 }),
      (parts, cut) => {
        const path = join(folder, `${count++}`);
        const tail = new Tail(path);
        const lines: string[] = [];
        const bytes = Buffer.from(parts.join(''));
        for (let at = 0; at < bytes.length; at += cut + 1) {
          appendFileSync(path, bytes.subarray(at, at + cut + 1));
          lines.push(...tail.lines());
        }
        lines.push(...tail.end());
        const whole = parts.join('').split('\n');
        expect(lines).toEqual(whole.at(-1) === '' ? whole.slice(0, -1) : whole);
      },
    ),
    { numRuns: 60 },
  );
});

test('a line without an end is given out in parts rather than kept', () => {
  const path = join(folder, 'endless');
  const tail = new Tail(path);
  writeFileSync(path, 'x'.repeat(3 * 1024 * 1024));
  expect(tail.lines().length).toBeGreaterThan(0);
});
