/** The tiers of ownership, to be measured one by one. The only place here that knows how the product is told which. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock } from '../../src/core/clock.ts';
import type { TierChoice } from '../../src/core/ownership.ts';
import { PipeSource } from '../../src/process/output/pipe-source.ts';
import type { OwnerContext } from '../../src/process/ownership/owner.ts';
import { openTier, tryTiers } from '../../src/process/ownership/tiers/choose.ts';
import { newRunId, RunDirectory } from '../../src/store/run-directory.ts';
import { inState } from '../../src/store/state-folder.ts';

export type Tier = TierChoice;

/** Each tier, strongest first, with null or why this machine does not permit it. */
export async function tryEachTier(): Promise<{ tier: Tier; refusal: string | null }[]> {
  return (await tryTiers(clock)).map(({ tier, permitted, reason }) => ({
    tier,
    refusal: permitted ? null : (reason ?? 'it is not permitted'),
  }));
}

const clock = new Clock();

/** What a run gives to its owners, in a temporary folder. */
export interface Opened {
  readonly context: OwnerContext & { readonly directory: RunDirectory };
  /** Until the tier could be used: once a run. */
  readonly tierMs: number;
  /** Until an enclosure could: once for each attempt at a component. */
  readonly enclosureMs: number;
  /** Resolves with the milliseconds that it took to close the enclosure. */
  readonly close: () => Promise<number>;
}

/** @throws when this machine does not permit the tier */
export async function open(name: Tier): Promise<Opened> {
  const from = performance.now();
  const tier = await openTier(name, clock);
  if (!tier.ok) throw new Error(`${name} is not permitted: ${tier.error}`);
  const tierMs = performance.now() - from;
  const root = mkdtempSync(join(tmpdir(), 'shakedown-bench-run-'));
  const run = newRunId(new Date(), process.pid);
  const { value: directory } = inState(root, (state) =>
    RunDirectory.create(state, run, tier.value.trace ?? null),
  );
  const pipes = new PipeSource(directory.leases);
  const begin = performance.now();
  const enclosure = await tier.value.open('bench');
  const enclosureMs = performance.now() - begin;
  return {
    context: { component: 'bench', directory, pipes, enclosure, clock },
    tierMs,
    enclosureMs,
    close: async () => {
      const end = performance.now();
      const { killed } = await enclosure.close();
      const closedMs = performance.now() - end;
      await tier.value.close();
      await pipes.close();
      directory.finish();
      rmSync(root, { recursive: true, force: true });
      if (killed.length > 0) throw new Error(`${name} still held ${killed.length} processes`);
      return closedMs;
    },
  };
}
