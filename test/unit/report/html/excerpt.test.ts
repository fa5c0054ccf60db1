import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { secrets } from '../../../../src/core/secrets.ts';
import { readExcerpt } from '../../../../src/report/html/log/excerpt.ts';
import { logText } from '../../../../src/report/html/log/text.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shakedown-excerpt-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const excerptOf = (text: string, limit: number) => {
  writeFileSync(join(folder, 'a.log'), text);
  return readExcerpt(folder, '/somewhere/else/a.log', limit);
};

test('a short log is whole', () => {
  expect(excerptOf('one\ntwo\n', 100)).toEqual({ head: ['one', 'two'], tail: [], leftOut: 0 });
  expect(excerptOf('', 100)).toEqual({ head: [], tail: [], leftOut: 0 });
  expect(excerptOf('no end', 100)).toEqual({ head: ['no end'], tail: [], leftOut: 0 });
});

test('of a long log whole lines of its beginning and more of its end are kept', () => {
  const lines = Array.from({ length: 100 }, (_, index) => `line ${String(index).padStart(4, '0')}`);
  const text = `${lines.join('\n')}\n`;
  const excerpt = excerptOf(text, 200);
  expect(excerpt).toEqual({
    head: lines.slice(0, 5),
    tail: lines.slice(-14),
    leftOut: text.length - 19 * 10,
  });
});

test('a line that is longer than all that is shown is cut', () => {
  const excerpt = excerptOf('x'.repeat(10_000), 100);
  expect(excerpt).toEqual({ head: [`${'x'.repeat(25)}…`], tail: [`…${'x'.repeat(75)}`], leftOut: 9_900 });
});

test('nothing is read but a file of that folder', () => {
  const secret = join(folder, '..', `outside-${process.pid}`);
  writeFileSync(secret, 'secret');
  try {
    symlinkSync(secret, join(folder, 'link.log'));
    execFileSync('mkfifo', [join(folder, 'pipe.log')]);
    for (const path of [secret, '/etc/passwd', '..', '', 'link.log', 'pipe.log', 'none.log', 'a\0b'])
      expect(readExcerpt(folder, path, 100), path).toBeUndefined();
  } finally {
    rmSync(secret);
  }
});

test('it is a text of lines, and beside it what looks how', () => {
  const text = '==> server <==\n\u001b[1;31m<b>red\u001b[0m & \u202e\0\n'.concat('y'.repeat(3000), '\n');
  const excerpt = excerptOf(text, 100_000);
  const shown = excerpt && logText(excerpt);
  expect(shown?.text.split('\n')).toEqual([
    ...['==> server <==', '<b>red & \\u202e\\x00'],
    ...[`${'y'.repeat(2000)} … 1000 more characters`, ''],
  ]);
  expect(shown?.looks).toBe('0,14,who 1,6,t1.bold 2014,23,aside');
});

test('no secret is seen in it, in whatever styles and wherever it is cut', () => {
  const value = 'zq8-cr3thd0123456789abcTAIL';
  secrets.learn({ env: { PAGE_TOKEN: value } });
  const textOf = (text: string, limit = 100_000) => {
    const excerpt = excerptOf(text, limit);
    return excerpt && logText(excerpt).text;
  };
  const [start, end] = [value.slice(0, 8), value.slice(8)];
  expect(textOf(`a ${start}\u001b[01;31m${end} b\n`)).toBe('a ••• b\n');
  expect(textOf(`${value}\u001b[31m${start}\u001b[K${end}\u001b[m\n`)).toBe('••••••\n');
  expect(textOf(`${start}\u001b]8;;x\u0007${end}\u001b(B.\n`)).toBe('•••.\n');
  expect(textOf(`${'x'.repeat(1990)}${start}\u001b[01;31m${end}\n`)).toMatch(
    /^x{1990}••• … \d+ more characters\n$/,
  );
  for (let more = 0; more < value.length; more += 1)
    expect(textOf(`${'x'.repeat(more)}${value.repeat(100)}`, 400)).not.toMatch(
      /zq8-|cr3t|hd01|2345|6789|TAIL/,
    );
});
