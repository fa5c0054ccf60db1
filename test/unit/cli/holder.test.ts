/** What is taken for a `shakedown up` of a project, and what is not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { holderIn, lastHeld } from '../../../src/cli/up/holder.ts';
import type { Stamped } from '../../../src/core/event.ts';
import { ownershipOf } from '../../../src/core/ownership.ts';
import { hasProcessTable } from '../../../src/process/system/proc.ts';
import { RunDirectory, type RunPurpose } from '../../../src/store/run-directory.ts';
import { inState } from '../../../src/store/state-folder.ts';

const begun = (run: string): Stamped => ({
  ...{ type: 'run-started', seq: 1, elapsedMs: 0, run, version: '0', suite: '', root: '', runDir: '' },
  ...{ startedAt: '', memory: 'off', jobs: 1, components: [], holds: ['db'] },
  ownership: ownershipOf('finders'),
});

test.runIf(hasProcessTable)('a service of a test is none; after its end it is known as the last one', () => {
  const root = mkdtempSync(join(tmpdir(), 'holder-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const start = (run: string, purpose: RunPurpose): RunDirectory => {
    const directory = inState(root, (state) => RunDirectory.create(state, run, null, purpose)).value;
    directory.journal(begun(run));
    return directory;
  };
  const service = start('20260101-000002-abcdef', 'service');
  expect([holderIn(root), lastHeld(root)]).toEqual([undefined, undefined]);
  const up = start('20260101-000001-abcdef', 'up');
  expect(holderIn(root)?.path).toBe(up.path);
  for (const each of [up, service]) each.finish();
  expect(holderIn(root)).toBeUndefined();
  const last = lastHeld(root);
  last?.look();
  expect([last?.path, last?.state.holds]).toEqual([up.path, ['db']]);
});
