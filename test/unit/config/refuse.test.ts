/** How the library refuses options: a line for each mistake, whatever is in it. */
import { expect, test } from 'vitest';
import { buildLoneService } from '../../../src/config/lone-service.ts';
import { refusalOf } from '../../../src/config/refuse.ts';
import type { StartServiceOptions } from '../../../src/config/start-service-words.ts';

async function refusal(options: unknown): Promise<string[]> {
  const service = await buildLoneService(options as StartServiceOptions, '/');
  return service.ok ? [] : refusalOf(service.error).message.split('\n');
}

test.for<[unknown, string | RegExp]>([
  [
    { run: 'x', port: 0, name: 'a\nb' },
    /^name: "a\\nb" cannot be the name of a service \(use letters, .*\)$/,
  ],
  [{ run: 'x', port: 0, env: { 'A\nB': 1 } }, /^env\["A\\nB"\]: "A\\nB" must be a text.*, not 1$/],
  [{ run: 'x', port: 0, 'od\nd': 1 }, '["od\\nd"]: there is no option "od\\nd" here'],
  [{ run: 'x', port: 0, readyTimeout: '1\ns' }, /^readyTimeout: .*"1\\ns" is not a duration.*$/],
  // It concerns the service and its condition, and is one mistake.
  [
    { run: 'x', port: 0, cwd: 'no\n\u001b[31mway' },
    /^cwd: the folder no\\n\\x1b\[31mway does not exist \(.*\)$/,
  ],
  [7, 'the options must be an object of options, not 7'],
])('%j', async ([options, expected]) => {
  expect(await refusal(options)).toEqual([
    typeof expected === 'string' ? expected : expect.stringMatching(expected),
  ]);
});
