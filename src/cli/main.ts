/** The composition root: arguments in, an outcome out; the only place that ends the process. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, Option } from 'commander';
import { TIER_CHOICES } from '../domain/ownership.ts';
import { secrets } from '../domain/secrets.ts';
import { EXIT_CRASHED, EXIT_USAGE } from '../domain/verdict.ts';
import { FORMATS } from '../report/index.ts';
import type { OwnershipFlags, Program, RunFlags, SuiteFlags } from './flags.ts';
import { LastResort } from './last-resort.ts';
import { type LoadFlags, loadOptions } from './load-flags.ts';
import { collect, durationOption, wholeNumber } from './option-values.ts';
import { type Outcome, SUCCESS } from './outcome.ts';
import type { PackageFlags } from './package.ts';
import { standardOutput } from './standard-output.ts';
import { tellSecrets } from './tell-secrets.ts';

/** A file of the build: this one is in a folder of it. */
const here = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

function suiteOptions(command: Command): Command {
  return command
    .option('--dir <dir>', 'a folder of scripts: thread, http, client, init; typestubs.py or .ts')
    .option(
      '--config <file>',
      'a config (default: shakedown.config.{ts,mts,js,mjs,json}, else ./integration)',
    )
    .option(
      '--port <n>',
      'port of a folder’s http; 0 picks a free one (default: 8001)',
      wholeNumber(0, 65535, 'A port'),
    )
    .option('--daemon', 'start a folder’s http with --daemon (default)')
    .addOption(new Option('--foreground', 'start a folder’s http without --daemon').conflicts('daemon'))
    .addOption(
      new Option(
        '--memory <debug|off>',
        'debug allocators for all children (default: debug for a folder)',
      ).choices(['debug', 'off']),
    );
}

function runOptions(command: Command): Command {
  return suiteOptions(command)
    .option('--keep-going', 'go on after a failure', false)
    .option(
      '--jobs <n>',
      'run up to n independent components side by side',
      wholeNumber(1, 1024, 'A number of jobs'),
      1,
    )
    .option(
      '--repeat <n>',
      'run each component n times; all must pass',
      wholeNumber(1, 1_000_000, 'A number of repetitions'),
      1,
    )
    .option(
      '--timeout <duration>',
      'time limit of each component, such as 90s or 5m (default: 10m)',
      durationOption,
    )
    .option('--seed <n>', SEED_TEXT, wholeNumber(0, 2 ** 31 - 1, 'A seed'));
}

const SEED_TEXT = 'what chance is drawn from, to repeat what a finding tells (default: 1)';
const REPORT_TEXT = `${FORMATS.slice(0, -1).join(', ')} or ${FORMATS.at(-1)}; may be repeated`;

function ownershipOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--ownership <tier>',
      'how processes are held together (default: the strongest that is permitted)',
    ).choices(TIER_CHOICES),
  );
}

function createProgram(
  program: Program,
  settle: (outcome: Outcome | Promise<Outcome>) => Promise<void>,
): Command {
  const root = new Command('shakedown')
    .description('Gives what you are about to ship a trial run.')
    .version(program.version, '-V, --version', 'print the version')
    .usage('[command] [names...] [options]')
    .helpCommand('help [command]', 'how a command is used')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(secrets.conceal(text.replace(/^error: /, 'shakedown: '))),
    });
  const run = ownershipOption(
    runOptions(root.command('run [names...]', { isDefault: true }))
      .description('run components; `shakedown thread http` works as well')
      .option('--report <format[=file]>', REPORT_TEXT, collect),
  ).action((names: string[], flags: RunFlags & OwnershipFlags & { report?: string[] }) =>
    settle(import('./run.ts').then((module) => module.run(names, flags, program))),
  );
  suiteOptions(root.command('list'))
    .description('what there is in the suite')
    .option('--json', 'as JSON', false)
    .action((flags: SuiteFlags & { json: boolean }) =>
      settle(import('./list.ts').then((module) => module.list(flags, program))),
    );
  runOptions(root.command('plan [names...]'))
    .description('what would run, without running it')
    .option('--json', 'as JSON', false)
    .action((names: string[], flags: RunFlags & { json: boolean }) =>
      settle(import('./list.ts').then((module) => module.plan(names, flags, program))),
    );
  loadOptions(root.command('load <url>'))
    .description('send requests to a server, and measure and check what it answers')
    .action((url: string, flags: LoadFlags) =>
      settle(import('./load.ts').then((module) => module.load(url, flags, program))),
    );
  ownershipOption(
    root
      .command('package [spec] [names...]')
      .description('try an npm package: a folder (default: this one), a tarball, or name@version')
      .option('--report <format[=file]>', REPORT_TEXT, collect)
      .option(
        '--jobs <n>',
        'try up to n things side by side (default: as many as there are cores)',
        wholeNumber(1, 1024, 'A number of jobs'),
      )
      .option('--timeout <duration>', 'time limit of each thing that is tried', durationOption)
      .option('--seed <n>', SEED_TEXT, wholeNumber(0, 2 ** 31 - 1, 'A seed')),
  ).action((spec: string | undefined, names: string[], flags: PackageFlags) =>
    settle(import('./package.ts').then((module) => module.tryPackage(spec ?? '.', names, flags, program))),
  );
  root
    .command('sweep')
    .description('end what a killed earlier run left')
    .option('--dry-run', 'only say what would be ended', false)
    .action((flags: { dryRun: boolean }) =>
      settle(import('./sweep.ts').then((module) => module.sweep(flags, program))),
    );
  root
    .command('doctor')
    .description('what this machine allows: how strongly processes can be owned')
    .option('--load', 'instead: what the load generator measures, against what is true', false)
    .option('--json', 'as JSON', false)
    .action((flags: { json: boolean; load: boolean }) =>
      settle(
        flags.load
          ? import('./doctor-load.ts').then((module) => module.doctorLoad(flags, program))
          : import('./doctor.ts').then((module) => module.doctor(flags)),
      ),
    );
  root
    .command('new')
    .description('write a first config, from what the project holds')
    .option('--dir <dir>', 'the folder of scripts to look into (default: integration)')
    .action((flags: { dir?: string }) =>
      settle(import('./new.ts').then((module) => module.writeFirstConfig(flags, program))),
    );
  root.addHelpText(
    'after',
    () =>
      `\nOptions of run:\n${run
        .createHelp()
        .visibleOptions(run)
        .filter(({ long }) => long !== '--help')
        .map((option) => `  ${option.flags.padEnd(26)} ${option.description}`)
        .join('\n')}\n`,
  );
  root.addHelpText(
    'after',
    '\nExit codes: 0 all passed, 1 something failed, 2 usage or config error, 3 inconclusive, 4 nothing ran,\n            5 Shakedown itself failed. After a signal it ends by that signal: 130 for Ctrl-C.',
  );
  return root;
}

async function main(argv: readonly string[], version: string, lastResort: LastResort): Promise<Outcome> {
  const program: Program = {
    version,
    cwd: process.cwd(),
    library: here('./index.js'),
    reaper: here('./reaper.js'),
    lastResort,
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
  root
    .command('complete [shell]')
    .description('print the completion script for bash, zsh, fish or powershell');
  try {
    await root.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end this way too, with code 0.
    return { exitCode: error.exitCode === 0 ? 0 : EXIT_USAGE };
  }
  return outcome;
}

/** What a slow reader may still take of what was written, in milliseconds. */
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

/** Ends the process when all is said, whatever handles are still open: a child that may not be signalled holds one for ever. */
async function end({ exitCode, signal }: Outcome): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  lastResort.tell();
  await flushAll();
  // What a stream has against a write, it tells only after that.
  await turn();
  standardOutput.tell();
  // Something may have happened since, which decides the exit code.
  lastResort.tell();
  await flushAll();
  if (signal !== undefined && lastResort.exitCode === undefined) process.kill(process.pid, signal);
  // Where the signal does not end us (the first process of a container is spared), its code does.
  process.exit(lastResort.exitCode ?? standardOutput.exitCode(exitCode));
}

standardOutput.watch();
// Of what cannot be told here nothing can be told anywhere.
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
