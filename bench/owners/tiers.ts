/** The tiers of ownership, to be measured one by one. The only place here that knows how the product is told which. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipeSource } from '../../src/process/output/pipe-source.ts';
import type { OwnerContext } from '../../src/process/ownership/owner.ts';
import { newRunId, RunDirectory } from '../../src/process/ownership/run-directory.ts';

export type Tier = 'finders';

/** Those that this machine permits, strongest first. */
export async function permittedTiers(): Promise<readonly Tier[]> {
  return ['finders'];
}

/** What a run gives to its owners, in a temporary folder. */
export interface OpenTier {
  readonly context: OwnerContext;
  readonly close: () => Promise<void>;
}

export async function openTier(_tier: Tier): Promise<OpenTier> {
  const root = mkdtempSync(join(tmpdir(), 'shakedown-bench-run-'));
  const directory = RunDirectory.create(root, newRunId(new Date(), process.pid));
  const pipes = new PipeSource(directory.leases);
  return {
    context: { directory, pipes },
    close: async () => {
      await pipes.close();
      directory.finish();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
