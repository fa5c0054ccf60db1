/** `shakedown package --list FILE --agents N`: the packages of a list, tried by agents. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import { visible } from '../../core/harmless.ts';
import type { JoinWords } from '../../core/join.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { plural } from '../../core/units.ts';
import type { TrialsRun } from '../../distributed/trials/client.ts';
import type { TrialOptions, TrialsInput } from '../../distributed/trials/protocol.ts';
import { MOST_PACKAGES } from '../../distributed/trials/room.ts';
import { joinByFlags } from '../cluster/join.ts';
import type { Program } from '../flags.ts';
import type { PackageFlags } from '../package.ts';
import { say } from '../say.ts';
import { trialsBy } from './from-agents.ts';
import { notForAgents, type PackageList } from './read-list.ts';
import type { Begin } from './run-list.ts';

export interface AgentsFlags extends PackageFlags, JoinWords {
  readonly list?: string;
  readonly agents?: number;
  /** Milliseconds that agents may take to come. */
  readonly waitForAgents?: number;
  /** A run that goes on, or has ended. */
  readonly attach?: string;
}

const ATTEND_WITHIN = 60_000;

/** Trials on agents, and how to leave them. */
export interface OpenTrials {
  readonly trials: TrialsRun;
  readonly close: () => Promise<void>;
}

function whyNot(list: PackageList): Diagnostic[] {
  const count = list.packages.length;
  if (count <= MOST_PACKAGES) return notForAgents(list);
  const message = `the list has ${plural(count, 'package')}, and agents take at most ${MOST_PACKAGES} in one run`;
  return [{ message, hint: 'divide it' }];
}

function inputOf(list: PackageList, flags: AgentsFlags, { version }: Program): TrialsInput {
  const { jobs = 1, agents = 1, waitForAgents = ATTEND_WITHIN, timeout, seed, strict } = flags;
  const options: TrialOptions = {
    ...(timeout === undefined ? {} : { timeout }),
    ...(seed === undefined ? {} : { seed }),
    ...(strict === true ? { strict } : {}),
  };
  return {
    ...{ version, agents, jobs, options, attendWithinMs: waitForAgents, list: flags.list ?? '' },
    packages: list.packages.map(({ name }) => name),
  };
}

/** @param list undefined: to join what goes on */
export async function openTrials(
  list: PackageList | undefined,
  flags: AgentsFlags,
  program: Program,
): Promise<Result<OpenTrials, readonly Diagnostic[]>> {
  const wrong = list === undefined ? [] : whyNot(list);
  if (wrong.length > 0) return err(wrong);
  const joined = await joinByFlags(flags, program);
  if (!joined.ok) return joined;
  const { temporal, joining } = joined.value;
  const { ClientSide } = await import('../../distributed/client.ts');
  const { beginTrials, joinTrials } = await import('../../distributed/trials/client.ts');
  const side = await ClientSide.open(temporal, joining);
  if (!side.ok) return err([side.error]);
  const { client } = side.value;
  const close = (): Promise<void> => side.value.close();
  const trials =
    list === undefined
      ? await joinTrials(flags.attach ?? '', client)
      : await beginTrials(inputOf(list, flags, program), client, joining);
  if (trials.ok) return ok({ trials: trials.value, close });
  await close();
  return err([trials.error]);
}

/** Waits for agents. A run that they refuse is none. */
export const beginWith =
  ({ trials }: OpenTrials): Begin =>
  async ({ stop, hurry }, stream) => {
    const { agents, packages } = trials.input;
    const whose = `${plural(packages.length, 'package')} for ${plural(agents, 'agent')}`;
    say(visible(`shakedown: ${whose}, as ${trials.id}`), stream);
    const end = (): void => void trials.stop('SIGINT');
    if (stop.aborted) end();
    else stop.addEventListener('abort', end, { once: true });
    const outcome = await trials.begun(hurry);
    stop.removeEventListener('abort', end);
    if (outcome?.type !== 'refused') return ok(trialsBy(trials));
    return err(outcome.why.map((message) => ({ message, hint: 'nothing was tried' })));
  };
