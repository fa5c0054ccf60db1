/** The commands for load from many machines, besides `load` itself. */
import { Argument, type Command } from 'commander';
import type { Frame } from '../flags.ts';
import { joinOptions } from '../load-flags.ts';
import { collect, wholeNumber } from '../option-values.ts';
import type { AgentFlags } from './agent.ts';
import type { ClusterFlags } from './dev.ts';

const AGENT_TEXT = `
It waits for loads of \`shakedown load URL --agents N --join HOST:PORT\`, takes
one part at a time, and ends with Ctrl-C: what it has measured by then still
counts. With --allow-packages it also tries the packages of lists that begin as
\`shakedown package --list FILE --agents N\`. Needs the packages of Temporal
(npm install @temporalio/client @temporalio/worker @temporalio/workflow
@temporalio/activity).`;

export function addAgent(root: Command, { program, settle }: Frame): void {
  joinOptions(root.command('agent'))
    .description('send parts of loads, and try packages, for runs that are started elsewhere')
    .option(
      '--allow-target <pattern>',
      'a host, or host:port, that load may be sent to, such as "*.test.example"; may be repeated (default: this machine)',
      collect,
      [],
    )
    .option(
      '--allow-packages',
      'also try packages: anybody who can reach the server can have it install and run any',
      false,
    )
    .option('--name <name>', 'what to call this agent in results (default: the name of the machine)')
    .option('--once', 'end after one load, or list of packages', false)
    .addHelpText('after', AGENT_TEXT)
    .action((flags: AgentFlags) =>
      settle(import('./agent.ts').then((module) => module.agent(flags, program))),
    );
}

export function addCluster(root: Command, { program, settle }: Frame): void {
  root
    .command('cluster')
    .addArgument(new Argument('<what>', 'dev: a server for agents on this machine alone').choices(['dev']))
    .description('start the Temporal CLI, where it is installed, as a server for `shakedown agent`')
    .option('--port <n>', 'where it is to listen', wholeNumber(1, 65_535, 'A port'), 7233)
    .option('--db <file>', 'where it keeps runs, so that they outlive it (default: in memory)')
    .action((_: string, flags: ClusterFlags) =>
      settle(import('./dev.ts').then((module) => module.clusterDev(flags, program))),
    );
}
