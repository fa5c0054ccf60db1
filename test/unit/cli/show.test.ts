/** `shakedown show`: which run is meant, and what becomes of events that cannot be believed. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openerOf } from '../../../src/cli/show/browser.ts';
import { show } from '../../../src/cli/show/show.ts';
import type { RunEvent } from '../../../src/core/event.ts';
import { FAILED, PASSED, stamp } from '../report/runs.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shakedown-show-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

const text = (events: readonly RunEvent[]): string =>
  stamp(events)
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('');

/** A run that has been kept. @returns the path of its folder */
function keep(run: string, journal = text(PASSED)): string {
  const path = join(root, '.shakedown/runs', run);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  for (const folder of ['.shakedown', '.shakedown/runs']) chmodSync(join(root, folder), 0o700);
  writeFileSync(join(path, 'journal.ndjson'), journal);
  return path;
}

/** @returns what was written and said, without the folder of the test */
async function shown(wanted: string | undefined, ...report: string[]) {
  const written = { out: '', err: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.out += String(chunk);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    written.err += String(chunk);
    return true;
  });
  const { exitCode } = await show(wanted, { report, open: false }, { cwd: root });
  vi.restoreAllMocks();
  return { exitCode, out: written.out.replaceAll(root, ''), err: written.err.replaceAll(root, '') };
}

const A = '20260101-100000-aaaaa1';
const B = '20260102-100000-bbbbb1';
const C = '20260103-100000-ccccc1';

const verdict = (): string =>
  (JSON.parse(readFileSync(join(root, 'r.json'), 'utf8')) as { verdict: string }).verdict;

test('the latest run is meant, unless another is named: by its id, its beginning, its folder or its events', async () => {
  keep(A, text(FAILED));
  keep(B);
  keep(C);
  // That of a run within run B is later.
  symlinkSync(`runs/${B}`, join(root, '.shakedown/latest'));
  const past = join(root, 'events.ndjson');
  writeFileSync(past, text(FAILED));
  for (const [wanted, came] of [
    [undefined, 'passed'],
    ['latest', 'passed'],
    [A, 'failed'],
    ['20260101', 'failed'],
    [`.shakedown/runs/${A}`, 'failed'],
    ['events.ndjson', 'failed'],
  ] as const) {
    expect(await shown(wanted, 'json=r.json'), wanted).toEqual({ exitCode: 0, out: '', err: '' });
    expect(verdict(), wanted).toBe(came);
  }
  expect((await shown(undefined, 'terminal')).out).toContain('PASSED');
});

test('what is not there is said, with what is', async () => {
  expect(await shown(undefined, 'json=r.json')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('no run of  has been kept'),
  });
  keep(A);
  keep(B);
  expect((await shown('2026', 'json=r.json')).err).toBe(
    `shakedown: 2 runs begin with "2026"\n  the latest are ${B}, ${A}\n`,
  );
  expect((await shown('nothing', 'json=r.json')).err).toBe(
    `shakedown: there is neither a run nor a file "nothing"\n  the latest are ${B}, ${A}\n`,
  );
  expect((await shown('.', 'json=r.json')).err).toContain(' is not the folder of a run');
});

test('a report is not begun for what is no run', async () => {
  writeFileSync(join(root, 'r.json'), 'precious');
  writeFileSync(join(root, 'other.txt'), 'hello\n');
  expect(await shown('other.txt', 'json=r.json')).toMatchObject({ exitCode: 2, out: '' });
  expect(await shown('/dev/null', 'json=r.json')).toMatchObject({ exitCode: 2, out: '' });
  expect(readFileSync(join(root, 'r.json'), 'utf8')).toBe('precious');
});

test('a run that was killed is shown as far as it came; the line that it was writing counts for nothing', async () => {
  const whole = text(FAILED).split('\n');
  keep(A, `${whole.slice(0, 4).join('\n')}\n{"type":"finding","comp`);
  expect(await shown(undefined, 'junit=r.xml')).toMatchObject({ exitCode: 0, err: '' });
  expect(readFileSync(join(root, 'r.xml'), 'utf8')).toContain('the run did not finish');
});

test('damaged lines are left out, and named', async () => {
  const lines = text(PASSED).split('\n');
  const long = JSON.stringify({ type: 'run-note', elapsedMs: 1 });
  keep(
    A,
    [
      'not JSON',
      ...lines.slice(0, 3),
      '{"type":"constructor","elapsedMs":1}',
      '[]',
      long,
      ...lines.slice(3),
    ].join('\n'),
  );
  const { exitCode, err } = await shown(undefined, 'json=r.json');
  expect(exitCode).toBe(2);
  expect(err).toContain(`lines 1, 5, 6 of the events of run ${A} cannot be read`);
  expect(verdict()).toBe('passed');
});

test.each([
  ['a finding without a code', { type: 'finding', component: 'thread', attempt: 1, finding: null }],
  ['names that are no text', { type: 'run-started', components: [{ name: { a: 1 }, kind: [] }], root: 7 }],
  ['a component of no kind', { type: 'component-finished', component: ['thread'], verdict: {} }],
])('events that lie about themselves end in a message: %s', async (_, event) => {
  keep(A, `${text(PASSED)}${JSON.stringify({ ...event, seq: 99, elapsedMs: 1 })}\n`);
  const { exitCode } = await shown(undefined, 'junit=r.xml', 'json=r.json');
  expect([0, 2]).toContain(exitCode);
});

test('a browser is opened for somebody at a terminal with a screen', () => {
  const bin = join(root, 'bin');
  mkdirSync(bin);
  for (const name of ['xdg-open', 'open']) writeFileSync(join(bin, name), '', { mode: 0o755 });
  const env = { PATH: bin, DISPLAY: ':0' };
  const terminal = { isTTY: true };
  expect(openerOf(env, terminal, 'linux')).toBe(join(bin, 'xdg-open'));
  expect(openerOf({ PATH: bin }, terminal, 'darwin')).toBe(join(bin, 'open'));
  expect(openerOf({ PATH: bin }, terminal, 'linux')).toBeUndefined();
  expect(openerOf({ ...env, CI: 'true' }, terminal, 'linux')).toBeUndefined();
  expect(openerOf(env, {}, 'linux')).toBeUndefined();
  expect(openerOf({ ...env, PATH: '' }, terminal, 'linux')).toBeUndefined();
});
