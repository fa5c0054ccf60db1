import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import { ms } from '../../../src/core/units.ts';
import { ComponentLog } from '../../../src/process/output/log.ts';
import { PipeSource } from '../../../src/process/output/pipe-source.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import { Owner } from '../../../src/process/ownership/owner.ts';
import { MARKS_ONLY } from '../../../src/process/ownership/tiers/marks-only.ts';
import { hasProcessTable } from '../../../src/process/system/proc.ts';
import { RunDirectory } from '../../../src/store/run-directory.ts';
import { inState } from '../../../src/store/state-folder.ts';
import { exhaustDescriptors } from '../../rig/descriptors.ts';

/** What this process has open beneath a folder. */
const openBeneath = (folder: string): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return [];
    }
  });

test.runIf(hasProcessTable)(
  'an owner that may open no more files says so, and gives up its marks like any other',
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'owner-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const directory = inState(root, (state) => RunDirectory.create(state, '20260105-024534-abcdef')).value;
    const log = new ComponentLog(join(directory.logs, 'thread.log'));
    const pipes = new PipeSource(directory.leases);
    expect(await pipes.canMake).toBe(true);
    const enclosure = await MARKS_ONLY.open('thread');
    const owner = new Owner(
      { component: 'thread', directory, pipes, enclosure, clock: new Clock() },
      'thread',
    );
    expect(openBeneath(directory.leases)).toEqual([join(directory.leases, 'thread')]);
    const sink = { speaker: 'thread', log, scanner: new OutputScanner([]) };
    const command = { type: 'shell', line: 'true' } as const;
    const exhausted = await exhaustDescriptors();
    const started = await owner
      .spawn(command, { cwd: root, env: {}, sink })
      .finally(() => exhausted[Symbol.asyncDispose]());
    expect(started).toMatchObject({
      ok: false,
      error: {
        isTrouble: true,
        message: expect.stringContaining('Shakedown has reached its limit of open files'),
        hint: expect.stringContaining('raise `ulimit -n`'),
      },
    });
    await owner.end(ms(0));
    expect(openBeneath(directory.leases)).toEqual([]);
    await pipes.close();
  },
);
