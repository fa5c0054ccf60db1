/** Places in source, as real programs print them: their outputs are those of the headlines. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { headline } from '../../../src/core/headline.ts';
import { type Place, placeOf } from '../../../src/core/place.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';

const DIR = resolve(import.meta.dirname, '../../fixtures/headlines');

const ended = (message: string, evidence: readonly string[]): Finding => ({
  ...{ code: 'exit-code', message, evidence, exitCode: 1, signal: null },
});

function ofProgram(name: string): Finding {
  const scanner = new OutputScanner([]);
  scanner.push(readFileSync(join(DIR, `${name}.txt`)));
  scanner.end();
  const lines = scanner.tail(400);
  return ended(`client exited with code 1: ${headline(lines)}`, lines);
}

const show = (place: Place | undefined): string =>
  place === undefined ? 'none' : [place.file, place.line, ...[place.column ?? []].flat()].join(':');

describe('the place that a finding points to', () => {
  test.each([
    ['ava-equal', 'equal.js:2'],
    ['c-assert', 'answers.c:2'],
    ['go-compile', './app_test.go:3:47'],
    ['go-errorf', 'app_test.go:6'],
    ['go-main-panic', '/srv/app/main.go:3'],
    ['go-panic', '/srv/app/app_test.go:3'],
    ['go-testify', 'app_test.go:3'],
    ['jasmine-equal', '/srv/app/jasmine/answers.spec.cjs:1:57'],
    ['java-exception', 'Client.java:3'],
    ['java-junit', 'UsersTest.java:3'],
    ['jest-equal', 'equal.test.js:2:38'],
    ['mocha-supertest', 'mocha/supertest.cjs:5:51'],
    ['node-strict-equal', '/srv/app/client.mjs:3:8'],
    ['node-test-spec', '/srv/app/node.test.mjs:4:33'],
    ['node-test-tap', '/srv/app/node.test.mjs:4:1'],
    ['perl-died', 'died.pl:3'],
    ['php-exception', '/srv/app/client.php:2'],
    ['playwright-equal', '/srv/app/playwright/answers.spec.js:2:38'],
    ['pytest-equal', 'test_equal.py:4'],
    ['pytest-import', 'test_import.py:1'],
    ['python-assert', '/srv/app/client.py:2'],
    // The innermost frames are those of a library.
    ['python-requests-refused', '/srv/app/client.py:2'],
    ['python-urllib-status', '/srv/app/client.py:9'],
    ['ruby-error', 'client.rb:1'],
    ['ruby-rspec', './users_spec.rb:1'],
    ['rust-assert-eq', 'src/lib.rs:2:42'],
    ['rust-compile', 'src/lib.rs:1:24'],
    ['server-express', '/srv/app/express.mjs:3:33'],
    ['server-flask', '/srv/app/flask_app.py:4'],
    ['server-go-panic', '/srv/app/main.go:4'],
    ['shell-unbound', 'client.sh:2'],
    ['tape-equal', '/srv/app/tape.cjs:2:31'],
    ['tsc-type', 'types.ts:1:7'],
    ['unittest-equal', '/srv/app/test_equal.py:4'],
    ['uvu-equal', '/srv/app/uvu.mjs:3:33'],
    ['vitest-equal', 'equal.test.js:3:38'],
    // Nobody says where.
    ['shell-curl-refused', 'none'],
    ['make-smoke', 'none'],
    ['node-own-words', 'none'],
    ['server-nginx', 'none'],
    ['server-go-slog', 'none'],
  ])('%s', (name, place) => {
    expect(show(placeOf(ofProgram(name)))).toBe(place);
  });

  test('is in the message, else in the evidence, else in what matched a pattern', () => {
    expect(show(placeOf(ended('x: src/a.ts(3,5): error TS1: y', ['src/b.ts:1:1 - error'])))).toBe(
      'src/a.ts:3:5',
    );
    const text = ['Traceback (most recent call last):', '  File "my app/a.py", line 7, in f'];
    const crash: Finding = {
      ...{ code: 'forbidden-output', message: 'x', pattern: 'Python traceback', count: 1 },
      matches: [{ line: 1, text }],
    };
    expect(show(placeOf(crash))).toBe('my app/a.py:7');
  });

  test('is one that will do', () => {
    const finding = ended('', ['    at a (/app/a.js:1:2)', '    at b (/app/b.js:3:4)']);
    expect(show(placeOf(finding, ({ file }) => file !== '/app/a.js'))).toBe('/app/b.js:3:4');
    expect(placeOf(finding, () => false)).toBeUndefined();
  });

  test.each([
    'connect ECONNREFUSED api.example.com:8080',
    '12:30:45 ready',
    'v1.2.3:4',
    '2026-01-05 INFO app.py:30 listening',
    '    at f (node:internal/process/task_queues:105:5)',
    '  File "<frozen importlib._bootstrap>", line 3, in g',
    'a.ts:0:0',
    'a.ts:99999999999999999999',
    `${'x'.repeat(5000)} (a.ts:1:2)`,
  ])('is not in %j', (line) => {
    expect(placeOf(ended(line, []))).toBeUndefined();
  });
});
