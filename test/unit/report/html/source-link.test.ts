import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding } from '../../../../src/core/finding.ts';
import { placeOf } from '../../../../src/core/place.ts';
import type { TestCase, TestResults } from '../../../../src/core/test-results.ts';
import { sourceLink } from '../../../../src/report/html/source-link.ts';
import { testsMarkup } from '../../../../src/report/html/tests.ts';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'shakedown-source-'));
  mkdirSync(join(root, 'app/src'), { recursive: true });
  writeFileSync(join(root, 'app/src/c.ts'), '');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const naming = (evidence: string): Finding => ({
  ...{ code: 'exit-code', message: 'it failed', exitCode: 1, signal: null, evidence: [evidence] },
});
const link = (evidence: string, env = {}): string | undefined =>
  sourceLink((accepts) => placeOf(naming(evidence), accepts), [join(root, 'app'), root], env)?.toString();
const WORKFLOW = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'me/app',
  GITHUB_SHA: 'abc123',
};

test('a place leads to the file on this machine, if that exists', () => {
  const address = pathToFileURL(join(root, 'app/src/c.ts')).href;
  expect(link('    at f (src/c.ts:7:3)')).toBe(`<a class="place" href="${address}">src/c.ts:7</a>`);
  expect(link('    at f (app/src/c.ts:7:3)')).toContain('>src/c.ts:7<');
  expect(link('    at f (src/none.ts:7:3)')).toBeUndefined();
  expect(link('nothing')).toBeUndefined();
});

test('in a workflow it leads to the repository at the commit, from the folder of the checkout', () => {
  const env = { ...WORKFLOW, GITHUB_WORKSPACE: root };
  expect(link('    at f (src/c.ts:7:3)', env)).toContain(
    'href="https://github.com/me/app/blob/abc123/app/src/c.ts#L7"',
  );
  // It is not in the repository.
  expect(link('    at f (src/c.ts:7:3)', { ...env, GITHUB_WORKSPACE: '/elsewhere' })).toContain(
    'href="file://',
  );
  expect(link('    at f (src/c.ts:7:3)', { ...env, GITHUB_SERVER_URL: 'javascript:x' })).toContain(
    'href="file://',
  );
});

test('the place of a failed test is a link: the one that its runner tells, else one that it printed', () => {
  const failed = (name: string, file: string | null, output: string): TestCase => ({
    ...{
      suite: '',
      name,
      outcome: 'failed',
      durationMs: null,
      file,
      line: 7,
      message: null,
      output: [output],
    },
  });
  const cases = [
    failed('told', 'src/c.ts', ''),
    failed('printed', null, '    at f (src/c.ts:8:3)'),
    failed('gone', 'src/none.ts', ''),
  ];
  const tests: TestResults = {
    ...{
      format: 'tap',
      from: null,
      counts: { passed: 0, failed: 3, skipped: 0 },
      cases,
      left: 0,
      isComplete: true,
    },
  };
  const [, told, printed, gone] = testsMarkup(tests, tests, [join(root, 'app'), root])
    .toString()
    .split('<li class="failed">');
  const address = pathToFileURL(join(root, 'app/src/c.ts')).href;
  expect(told).toContain(`<p class="about"><a class="place" href="${address}">src/c.ts:7</a></p>`);
  expect(printed).toContain(`<p class="about"><a class="place" href="${address}">src/c.ts:8</a></p>`);
  expect(gone).toContain('<p class="about"><code>src/none.ts:7</code></p>');
});
