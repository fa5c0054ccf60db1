/** The composition root: arguments in, an outcome out; the only place that ends the process. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { Clock } from '../core/clock.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { suggest } from '../core/suggest.ts';
import { EXIT_CRASHED, EXIT_USAGE } from '../core/verdict.ts';
import { guardOutput, isInWorkflow } from './command-guard.ts';
import { createProgram } from './commands.ts';
import type { Program } from './flags.ts';
import { LastResort } from './last-resort.ts';
import { type Outcome, refuse, SUCCESS } from './outcome.ts';
import { standardOutput } from './standard-output.ts';
import { tellSecrets } from './tell-secrets.ts';

/** A file in the build's folder. */
const here = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

async function main(argv: readonly string[], version: string, lastResort: LastResort): Promise<Outcome> {
  const program: Program = {
    version,
    cwd: process.cwd(),
    library: here('./index.js'),
    reaper: here('./reaper.js'),
    lastResort,
    clock: new Clock(),
    get commands() {
      return root.commands.map((command) => command.name());
    },
  };
  let outcome: Outcome = SUCCESS;
  const root = createProgram(program, async (settled) => {
    outcome = await settled;
  });
  if (argv[2] === 'complete') {
    const { complete } = await import('./complete.ts');
    return complete(root, argv.slice(3), program);
  }
  // Only for the help: the completion itself registers a command of this name.
  root.command('complete [shell]').description('print a completion script for bash, zsh, fish or powershell');
  root
    .command('help [command]')
    .description('explain a command')
    .action((name?: string) => {
      const command = name === undefined ? root : root.commands.find((each) => each.name() === name);
      command?.help();
      outcome = refuse([noSuchCommand(name ?? '', program.commands)]);
    });
  try {
    await root.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.missingArgument') {
      const { suggestNamesake } = await import('./namesakes.ts');
      await suggestNamesake(argv[2], program);
    }
    // Help and version end this way too, with code 0.
    return { exitCode: error.exitCode === 0 ? 0 : EXIT_USAGE };
  }
  return outcome;
}

function noSuchCommand(name: string, commands: readonly string[]): Diagnostic {
  const near = suggest(name, commands);
  const hint = near === undefined ? `the commands are ${commands.join(', ')}` : `did you mean "${near}"?`;
  return { message: `there is no command "${name}"`, hint };
}

/** In milliseconds: how long a slow reader may take for the rest of our output. */
const FLUSH_WITHIN = 10_000;

const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.writableLength === 0) resolve();
    else stream.write('', () => resolve());
  });

async function flushAll(): Promise<void> {
  const all = Promise.all([process.stdout, process.stderr].map(flushed));
  await Promise.race([all, delay(FLUSH_WITHIN, undefined, { ref: false })]);
}

let isEnding = false;

/** Exits once all is written, whatever handles are open: a child that we may not signal holds one forever. */
async function end({ exitCode, signal }: Outcome): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  lastResort.tell();
  await flushAll();
  // Streams report write errors only in the next turn.
  await turn();
  standardOutput.tell();
  // What has happened since may change the exit code.
  lastResort.tell();
  await flushAll();
  if (signal !== undefined && lastResort.exitCode === undefined) process.kill(process.pid, signal);
  // Where the signal does not end us (PID 1 of a container is immune), its exit code does.
  process.exit(lastResort.exitCode ?? standardOutput.exitCode(exitCode));
}

if (isInWorkflow(process.env)) guardOutput();
standardOutput.watch();
// Errors of standard error cannot be reported anywhere.
process.stderr.on('error', () => {});
const { version } = JSON.parse(readFileSync(here('../package.json'), 'utf8')) as { version: string };
const giveUp = (): void => void end({ exitCode: EXIT_CRASHED });
const lastResort = new LastResort(version, giveUp);
lastResort.install();
tellSecrets(process.argv.slice(2), process.env);
main(process.argv, version, lastResort).then(end, (error: unknown) => {
  lastResort.strike(error);
  giveUp();
});
