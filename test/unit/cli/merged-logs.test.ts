/** The logs of services, merged line by line. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MergedLogs } from '../../../src/cli/up/merged-logs.ts';
import { createPaint } from '../../../src/text/paint.ts';

test('what was shown is known, also when it was too long to be quoted whole; of another service it is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'logs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const logs = new MergedLogs(['api', 'db'], createPaint(false));
  const long = 'x'.repeat(400);
  for (const [name, text] of [
    ['api', `one\nError: boom \n${long}\n`],
    ['db', 'two\n'],
  ] as const) {
    const path = join(folder, `${name}.log`);
    appendFileSync(path, text);
    logs.open(name, path);
  }
  expect(logs.lines()).toEqual(['api | one', 'api | Error: boom', `api | ${long}`, 'db  | two']);
  const quoted = ['one', 'two', 'Error: boom', `${'x'.repeat(299)}…`, '…'];
  expect(logs.unshown('api', quoted)).toEqual(['two', '…']);
  logs.close('api');
  expect(logs.unshown('api', quoted)).toEqual(['two', '…']);
});
