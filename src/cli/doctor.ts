import type { Clock } from '../core/clock.ts';
import { visible } from '../core/harmless.ts';
import { GUARANTEE_TEXTS, TIERS, type TierChoice } from '../core/ownership.ts';
import { openTier, type TierReport, tryTiers } from '../process/ownership/tiers/choose.ts';
import { whyNoNetwork } from '../proxy/own-network.ts';
import type { Program } from './flags.ts';
import { type Outcome, SUCCESS } from './outcome.ts';
import { say } from './say.ts';
import { deliverJson } from './standard-output.ts';

interface Diagnosis {
  readonly tiers: readonly TierReport[];
  /** What a run uses by default. */
  readonly inForce: TierChoice | 'process-group';
  /** Why no client can have a network of its own; undefined: it can. */
  readonly noNetwork: string | undefined;
}

async function diagnose(clock: Clock): Promise<Diagnosis> {
  const tiers = await tryTiers(clock);
  const tier = await openTier(undefined, clock);
  if (!tier.ok) throw new Error(tier.error);
  await tier.value.close();
  return { tiers, inForce: tier.value.name, noNetwork: whyNoNetwork(process.env) };
}

function tell({ tiers, inForce, noNetwork }: Diagnosis): string[] {
  const tierLines = tiers.map(({ tier, permitted, reason }) => {
    const says = reason ?? (tier === inForce ? 'in force' : 'permitted');
    return `  ${permitted ? '✓' : '✗'} ${tier.padEnd(13)}  ${says}`;
  });
  const promises = Object.entries(GUARANTEE_TEXTS).map(([guarantee, text]) => {
    const holds = TIERS[inForce].some((each) => each === guarantee);
    return `  ${holds ? '✓' : '✗'} ${text}`;
  });
  const networkLines =
    noNetwork === undefined
      ? ['  ✓ permitted']
      : [
          `  ✗ ${noNetwork}`,
          '    without it the faults of such a client are not reached, and `prove` ends with exit code 3',
        ];
  return [
    ...[`ownership: ${inForce}`, ...tierLines, '', 'what is stopped, however a run ends:', ...promises],
    ...['', 'a network of its own for a client with its port written into it, to prove it:', ...networkLines],
  ];
}

/** Reports what this machine permits. */
export async function doctor(flags: { readonly json: boolean }, { clock }: Program): Promise<Outcome> {
  const diagnosis = await diagnose(clock);
  const { tiers, inForce, noNetwork } = diagnosis;
  if (flags.json)
    deliverJson({
      version: 1,
      ownership: { tier: inForce, guarantees: TIERS[inForce], tiers },
      clientNetwork: { permitted: noNetwork === undefined, reason: noNetwork ?? null },
    });
  else for (const line of tell(diagnosis)) say(visible(line));
  return SUCCESS;
}
