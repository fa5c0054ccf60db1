/** The tiers of ownership, to be measured one by one. The only place here that knows how the product is told which. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TierChoice } from '../../src/domain/ownership.ts';
import { PipeSource } from '../../src/process/output/pipe-source.ts';
import type { OwnerContext } from '../../src/process/ownership/owner.ts';
import { newRunId, RunDirectory } from '../../src/process/ownership/run-directory.ts';
import { openTier as openProductTier, tryTiers } from '../../src/process/ownership/tiers/choose.ts';

export type Tier = TierChoice;

/** Those that this machine permits, strongest first. */
export async function permittedTiers(): Promise<readonly Tier[]> {
  return (await tryTiers()).filter(({ permitted }) => permitted).map(({ tier }) => tier);
}

/** What a run gives to its owners, in a temporary folder. */
export interface OpenTier {
  readonly context: OwnerContext;
  readonly close: () => Promise<void>;
}

/** @throws when the machine does not permit it */
export async function openTier(name: Tier): Promise<OpenTier> {
  const opened = await openProductTier(name);
  if (!opened.ok) throw new Error(`${name} is not permitted: ${opened.error}`);
  const tier = opened.value;
  const root = mkdtempSync(join(tmpdir(), 'shakedown-bench-run-'));
  const directory = RunDirectory.create(root, newRunId(new Date(), process.pid), tier.trace);
  const pipes = new PipeSource(directory.leases);
  const enclosure = await tier.open();
  return {
    context: { directory, pipes, enclosure },
    close: async () => {
      await enclosure.close();
      await tier.close();
      await pipes.close();
      directory.finish();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
