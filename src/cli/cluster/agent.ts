/** `shakedown agent`: this machine sends its part of loads, and tries packages, for runs that are started elsewhere. */
import { availableParallelism, hostname } from 'node:os';
import type { NativeConnection, NativeConnectionOptions } from '@temporalio/worker';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { visible } from '../../core/harmless.ts';
import { type JoinWords, LONGEST_NAME } from '../../core/join.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { plural } from '../../core/units.ts';
import { EXIT_CODES } from '../../core/verdict.ts';
import type { AgentHost } from '../../distributed/agent-host.ts';
import { type Joining, unreachable } from '../../distributed/connection.ts';
import type { Temporal } from '../../distributed/peers.ts';
import type { Program } from '../flags.ts';
import { type Outcome, refuse, SUCCESS } from '../outcome.ts';
import { say } from '../say.ts';
import { watchSignals } from '../signals.ts';
import { joinByFlags } from './join.ts';

export interface AgentFlags extends JoinWords {
  readonly name?: string;
  readonly allowTarget: readonly string[];
  readonly allowPackages: boolean;
  readonly once: boolean;
}

/** What tries packages, if the operator allows that. */
async function triesPackages(
  { allowPackages }: AgentFlags,
  program: Program,
): Promise<AgentHost['tryPackage']> {
  if (!allowPackages) return undefined;
  const { tryForOthers } = await import('../package-list/agent-trial.ts');
  return (order, stop) => tryForOthers(order, stop, program);
}

/** Connects to a server that has the namespace. */
async function connect(
  { worker: { NativeConnection } }: Temporal,
  joining: Joining,
  options: NativeConnectionOptions,
): Promise<Result<NativeConnection, Diagnostic>> {
  let connection: NativeConnection | undefined;
  try {
    connection = await NativeConnection.connect(options);
    await connection.workflowService.describeNamespace({ namespace: joining.namespace });
    return ok(connection);
  } catch (error) {
    await connection?.close();
    return err(unreachable(joining, error));
  }
}

export async function agent(flags: AgentFlags, program: Program): Promise<Outcome> {
  const host = hostname();
  const { name = host } = flags;
  if (name.trim() === '' || name.length > LONGEST_NAME)
    return refuse([
      {
        message: `--name has ${plural(name.length, 'character')}`,
        hint: `give a name of at most ${LONGEST_NAME}, or leave it out: then it is that of the machine`,
      },
    ]);
  const joined = await joinByFlags(flags, program);
  if (!joined.ok) return refuse(joined.error);
  const { temporal, joining } = joined.value;
  const { Agent, connectionOptions } = await import('../../distributed/agent.ts');
  const signals = watchSignals(() => {}, program.lastResort);
  const leaving = new AbortController();
  signals.control.stop.addEventListener('abort', () => leaving.abort(signals.received() ?? 'an error'));
  const connected = await connect(temporal, joining, connectionOptions(joining));
  if (!connected.ok) {
    signals.release();
    return refuse([connected.error]);
  }
  const self = new Agent(temporal, joining, {
    version: program.version,
    allowTargets: flags.allowTarget,
    tryPackage: await triesPackages(flags, program),
    ...{ name, host },
    cores: availableParallelism(),
    signal: leaving.signal,
    tell: (news) => {
      if (news.type === 'ready')
        say(
          `shakedown agent: ready for ${flags.allowPackages ? 'loads and packages' : 'loads'} of pool ${visible(joining.pool)} at ${joining.address}`,
          process.stdout,
        );
      else if (news.type === 'seated')
        say(`shakedown agent: has part ${news.seat + 1} of ${visible(news.run)}`, process.stdout);
      else {
        say(`shakedown agent: ${visible(news.run)} is over`, process.stdout);
        if (flags.once) leaving.abort('its one run is over');
      }
    },
  });
  await self.run(connected.value);
  // It is not closed under a worker that did not end in time.
  await connected.value.close().catch(() => {});
  const received = signals.received();
  signals.release();
  return received === undefined ? SUCCESS : { exitCode: EXIT_CODES.passed, signal: received };
}
