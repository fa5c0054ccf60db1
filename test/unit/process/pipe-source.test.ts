/** How many processes it takes to make pipes for those who want them at the same time. */
import type * as childProcess from 'node:child_process';
import { closeSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { PipeSource } from '../../../src/process/output/pipe-source.ts';

const spawned = vi.hoisted(() => ({ count: 0 }));

vi.mock('node:child_process', async (original) => {
  const real = await original<typeof childProcess>();
  return {
    ...real,
    spawn: (...args: Parameters<typeof real.spawn>) => {
      spawned.count += 1;
      return real.spawn(...args);
    },
  };
});

test.runIf(process.platform === 'linux')(
  'pipes for a hundred who wait are made by one process at once',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pipe-source-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const source = new PipeSource(folder);
    const pipes = await Promise.all(Array.from({ length: 100 }, () => source.take()));
    for (const pipe of pipes) {
      expect(pipe).toBeDefined();
      closeSync(pipe?.readFd ?? -1);
      closeSync(pipe?.writeFd ?? -1);
    }
    // One for the first few, before anybody asks, one for all others, and perhaps one for those who may still come.
    expect(spawned.count).toBeLessThanOrEqual(3);
    await source.close();
    expect(readdirSync(folder)).toEqual([]);
  },
);
