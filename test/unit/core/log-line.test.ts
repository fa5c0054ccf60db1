/** Lines of structured logs, in the forms of the libraries that are in use. */
import { describe, expect, test } from 'vitest';
import { firstError } from '../../../src/core/first-error.ts';
import { logLine } from '../../../src/core/log-line.ts';
import fc from '../../rig/fast-check.ts';

describe('a structured line', () => {
  test.each<[name: string, fields: object, text: string, isError: boolean]>([
    ['pino', { level: 30, msg: 'listening' }, 'listening', false],
    [
      'pino, fatal',
      { level: 60, msg: 'bye', err: { type: 'Error', message: 'no disk' } },
      'bye: Error: no disk',
      true,
    ],
    [
      'zap',
      { level: 'error', msg: 'failed', error: 'connection refused' },
      'failed: connection refused',
      true,
    ],
    ['logstash', { 'log.level': 'ERROR', message: 'failed' }, 'failed', true],
    ['Google', { severity: 'CRITICAL', message: 'failed' }, 'failed', true],
    [
      'a message with its stack',
      { level: 'error', message: 'Error: x\n    at f (a.js:1)' },
      'Error: x',
      true,
    ],
    [
      'a message that names its error',
      { level: 50, msg: 'x failed', err: { message: 'x failed' } },
      'x failed',
      true,
    ],
  ])('of %s', (_, fields, text, isError) => {
    expect(logLine(JSON.stringify(fields))).toEqual({ text, isError });
  });

  test.each([
    '',
    'level 50',
    '{',
    '{"a":1}',
    '[{"level":50}]',
    '{"level":50}',
    '{"level":50,"msg":" "}',
    '{level:50}',
  ])('is none: %j', (line) => expect(logLine(line)).toBeUndefined());
});

describe('the first error of a log', () => {
  test('is none where levels are lesser ones, and words only words', () => {
    expect(
      firstError([
        'INFO: retrying after ERROR 503',
        '2026-01-05 WARN  api: fatal: is only a word here',
        'level=info msg="no error"',
        '127.0.0.1 - - "GET /error HTTP/1.1" 500 12',
        '{"level":30,"msg":"error page served"}',
        'errors: none',
        'the panic room is empty',
      ]),
    ).toBeUndefined();
  });

  test('is the first, with the error that stands below it', () => {
    expect(
      firstError([
        'GET /',
        '[ERROR] request failed',
        'java.lang.IllegalStateException: closed',
        '[ERROR] later',
      ]),
    ).toBe('[ERROR] request failed: java.lang.IllegalStateException: closed');
  });

  test('comes of any lines without an error of ours, and is one line', () => {
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(
        'Traceback (most recent call last):',
        'ERROR x',
        '  at f',
        'KeyError: 1',
        '',
        'panic: x',
      ),
      fc.object().map((fields) => JSON.stringify({ level: 50, msg: 'm', ...fields })),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const found = firstError(lines.map((each) => each.replace(/[\r\n]/g, ' ')));
        expect(found === undefined || (found !== '' && !found.includes('\n'))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
