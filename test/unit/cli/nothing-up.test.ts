/** What `ps`, `logs` and `down` say where nothing is up, or nothing that may be believed. */
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { holderIn, killedIn, nothingUp } from '../../../src/cli/up/holder.ts';
import { hasProcessTable } from '../../../src/process/system/proc.ts';
import { whereabouts } from '../../../src/store/life.ts';

const RUN = '20260105-024534-abcdef';

function project(): string {
  const root = mkdtempSync(join(tmpdir(), 'holder-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

/** The folder of a run that its runner did not finish. */
function leave(root: string, runner: { readonly pid: number; readonly startTicks: number }): void {
  const path = join(root, '.shakedown/runs', RUN);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const facts = { run: RUN, ...runner, ...whereabouts(), group: null };
  writeFileSync(join(path, 'runner.json'), JSON.stringify(facts));
  writeFileSync(join(path, 'purpose'), 'up');
  const started = { type: 'run-started', root, holds: ['api'], components: [], setup: [], elapsedMs: 0 };
  writeFileSync(join(path, 'journal.ndjson'), `${JSON.stringify(started)}\n`);
}

/** What `ps`, `logs` and `down` say where nothing is up. */
function said(root: string): string {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  expect(nothingUp(root)).toEqual({ exitCode: 4 });
  spy.mockRestore();
  return lines.join('');
}

test.runIf(hasProcessTable)('one that was killed is not up, and `down` ends what it has left', () => {
  const root = project();
  leave(root, { pid: spawnSync('true').pid, startTicks: 1 });
  expect(holderIn(root)).toBeUndefined();
  expect(killedIn(root)?.run.run).toBe(RUN);
  expect(said(root)).toMatch(new RegExp(`nothing is up in this project\\n.*${RUN}.*killed.*shakedown down`));
});

test.runIf(process.getuid?.() === 0)('that of another user is not seen, which is said', () => {
  const root = project();
  mkdirSync(join(root, '.shakedown'));
  chownSync(join(root, '.shakedown'), 65534, 65534);
  expect(said(root)).toContain('.shakedown belongs to user 65534, and this is user 0');
});
