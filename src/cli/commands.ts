/** The commands of the program, and their options. */
import { Command, Help, Option } from 'commander';
import { TIER_CHOICES } from '../core/ownership.ts';
import { secrets } from '../core/secrets.ts';
import { FORMATS } from '../report/index.ts';
import { addAgent, addCluster } from './cluster/commands.ts';
import { type DetailFlags, detailOptions } from './detail.ts';
import type { Frame, OwnershipFlags, Program, RunFlags, SuiteFlags } from './flags.ts';
import { joinOptions, type LoadFlags, loadOptions } from './load-flags.ts';
import type { MergeFlags } from './merge/merge.ts';
import { explainMissing } from './missing-value.ts';
import type { NewFlags } from './new/new.ts';
import { collect, durationOption, shardOption, wholeNumber } from './option-values.ts';
import type { PackageFlags } from './package.ts';
import type { ListFlags } from './package-list/try-list.ts';
import { waysOptions } from './package-options.ts';
import type { ProveFlags } from './prove.ts';
import type { ReportFlags } from './reports.ts';
import { JOBS_TEXT, runOptions, SEED_TEXT, SHARD_TEXT, suiteOptions, USE_TEXT } from './run-options.ts';
import type { ShowFlags } from './show/show.ts';
import type { WhereFlags } from './up/holder.ts';
import type { LogsFlags } from './up/logs.ts';
import type { PsFlags } from './up/ps.ts';
import type { UpFlags } from './up/up.ts';
import type { WatchFlags } from './watch/watch.ts';

const NO_GITHUB_TEXT = 'in a workflow of GitHub, no annotations, summary and groups';
const REPORT_TEXT = `${FORMATS.slice(0, -1).join(', ')} or ${FORMATS.at(-1)}; may be repeated`;

function ownershipOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--ownership <tier>',
      'how processes are kept together (default: the strongest available)',
    ).choices(TIER_CHOICES),
  );
}

/** The options of commands whose runs are shown and reported. */
const shownOptions = (command: Command): Command =>
  ownershipOption(
    detailOptions(
      command.option('--report <format[=file]>', REPORT_TEXT, collect).option('--no-github', NO_GITHUB_TEXT),
    ),
  );

function addRun(root: Command, { program, settle }: Frame): Command {
  return shownOptions(
    runOptions(root.command('run [names...]', { isDefault: true })).description(
      'run components; you can leave out the word `run`',
    ),
  ).action((names: string[], flags: RunFlags & OwnershipFlags & DetailFlags & ReportFlags) =>
    settle(import('./run.ts').then((module) => module.run(names, flags, program))),
  );
}

function addListAndPlan(root: Command, { program, settle }: Frame): void {
  suiteOptions(root.command('list'))
    .description('list the components of the suite')
    .option('--shard <k/n>', SHARD_TEXT, shardOption)
    .option('--use <name=url>', USE_TEXT, collect)
    .option('--json', 'as JSON', false)
    .action((flags: SuiteFlags & Pick<RunFlags, 'use' | 'shard'> & { json: boolean }) =>
      settle(import('./list.ts').then((module) => module.list(flags, program))),
    );
  runOptions(root.command('plan [names...]'))
    .description('show what would run, without running it')
    .option('--json', 'as JSON', false)
    .action((names: string[], flags: RunFlags & { json: boolean }) =>
      settle(import('./list.ts').then((module) => module.plan(names, flags, program))),
    );
}

function addLoad(root: Command, { program, settle }: Frame): void {
  loadOptions(root.command('load <url>'))
    .description('send requests to a server; measure and check its responses')
    .action((url: string, flags: LoadFlags) =>
      settle(import('./load.ts').then((module) => module.load(url, flags, program))),
    );
}

const LIST_TEXT = 'try the packages that a file names, one on each line, as one run';

function agentsOptions(command: Command): void {
  command
    .optionsGroup('Lists, by many machines:')
    .option(
      '--agents <n>',
      'have so many try them, each with a `shakedown agent --allow-packages`',
      wholeNumber(1, 1000, 'A number of agents'),
    )
    .option('--wait-for-agents <time>', 'how long agents may take to come (default: 60s)', durationOption)
    .option('--attach <run>', 'show trials that agents are doing, and begin none');
  joinOptions(command);
}

function addPackage(root: Command, { program, settle }: Frame): void {
  const command = shownOptions(
    root
      .command('package [spec] [names...]')
      .description('try a package for npm or Python: a folder (default: this one), a file, or a name')
      .option(
        '--jobs <n>',
        'try up to n things at a time (default: as many as there are cores)',
        wholeNumber(1, 1024, 'A number of jobs'),
      )
      .option('--timeout <duration>', 'time limit for each thing tried', durationOption)
      .option('--strict', 'also fail for what hurts nobody yet, such as an export without a declaration')
      .addOption(
        new Option('--workspaces', 'try each public package of the workspace in this folder').conflicts(
          'list',
        ),
      )
      .option('--seed <n>', SEED_TEXT, wholeNumber(0, 2 ** 31 - 1, 'A seed'))
      .option('--list <file>', LIST_TEXT),
  );
  waysOptions(command);
  agentsOptions(command);
  command.action((spec: string | undefined, names: string[], flags: PackageFlags & ListFlags) => {
    const { list, agents, attach } = flags;
    const isList = list !== undefined || agents !== undefined || attach !== undefined;
    const outcome = isList
      ? import('./package-list/try-list.ts').then((module) =>
          module.tryList(spec === undefined ? [] : [spec, ...names], flags, program),
        )
      : import('./package.ts').then((module) => module.tryPackage(spec ?? '.', names, flags, program));
    return settle(outcome);
  });
}

const PROVE_TEXT = `
First each component is run as it is, then with the instruments in place and no
fault. Only then is what it tries broken: answers are changed between service
and client, functions of your module return something wrong, types are lost.
Nothing in your project is touched. Exit code 0: all that must be noticed was;
1: something is blind; 3: a fault never happened.`;

function addProve(root: Command, { program, settle }: Frame): void {
  shownOptions(
    suiteOptions(root.command('prove [names...]'))
      .description('break on purpose what components try, and see whether they notice')
      .option('--fault <fault>', 'try only this fault, such as status-500; may be repeated', collect)
      .option(
        '--budget <duration>',
        'stop after this long, such as 2m; the most telling faults come first',
        durationOption,
      )
      .option('--fresh', 'prove again what has not changed since it was proved', false)
      .option(
        '--jobs <n>',
        'try up to n faults at a time; by default only those that cannot disturb each other',
        wholeNumber(1, 1024, 'A number of jobs'),
      )
      .option('--timeout <duration>', 'time limit of each component', durationOption)
      .option('--seed <n>', SEED_TEXT, wholeNumber(0, 2 ** 31 - 1, 'A seed'))
      .option('--json', 'as JSON: short for --report json', false)
      // Known, so that it can be refused with its reason.
      .addOption(new Option('--use <name=url>').argParser(collect).hideHelp())
      .addHelpText('after', PROVE_TEXT),
  ).action((names: string[], flags: ProveFlags) =>
    settle(import('./prove.ts').then((module) => module.prove(names, flags, program))),
  );
}

const UP_TEXT = `
Without names: all services of the suite, with the tasks that they need. A
component with services of its own may be named too. Ctrl-C ends them in order;
the exit code is 0 unless something failed and stayed down.`;

function addUp(root: Command, { program, settle }: Frame): void {
  ownershipOption(
    suiteOptions(root.command('up [names...]'))
      .description('start services of the suite to work with, and keep them until you quit')
      .option('-d, --detach', 'keep them in the background, until `shakedown down`', false)
      .option('--wait', 'the same, and return when all are ready; if one is not, all are ended', false)
      .option('--use <name=url>', USE_TEXT, collect)
      .addOption(new Option('--holder').default(false).hideHelp())
      .addHelpText('after', UP_TEXT),
  ).action((names: string[], flags: UpFlags) =>
    settle(import('./up/up.ts').then((module) => module.up(names, flags, program))),
  );
}

const WATCH_TEXT = `
The files below the config, or this folder, are watched; not those that git
ignores. A file that only one component names, or that is in its folder, runs
that one; a file in the folder of a service starts that anew; any other runs
all. Services stay up meanwhile. Keys: a all, f what failed, Enter the same
again, q quit.`;

function addWatch(root: Command, { program, settle }: Frame): void {
  ownershipOption(
    detailOptions(suiteOptions(root.command('watch [names...]')))
      .description('run components, and again whenever a file changes')
      .option('--jobs <n>', JOBS_TEXT, wholeNumber(1, 1024, 'A number of jobs'), 1)
      .option('--timeout <duration>', 'time limit of each component', durationOption)
      .option('--seed <n>', SEED_TEXT, wholeNumber(0, 2 ** 31 - 1, 'A seed'))
      .option('--use <name=url>', USE_TEXT, collect)
      .addHelpText('after', WATCH_TEXT),
  ).action((names: string[], flags: WatchFlags) =>
    settle(import('./watch/watch.ts').then((module) => module.watch(names, flags, program))),
  );
}

const whereOption = (command: Command): Command =>
  command.option('--config <file>', 'the config file, if it is in another folder');

function addHeld(root: Command, { program, settle }: Frame): void {
  whereOption(root.command('ps'))
    .description('show what `shakedown up` holds in this project')
    .option('--json', 'as JSON', false)
    .action((flags: PsFlags) => settle(import('./up/ps.ts').then((module) => module.ps(flags, program))));
  whereOption(root.command('logs [names...]'))
    .description('show what the services that are up, or were last, have printed')
    .option('-f, --follow', 'go on with what they print, until they end', false)
    .action((names: string[], flags: LogsFlags) =>
      settle(import('./up/logs.ts').then((module) => module.logs(names, flags, program))),
    );
  whereOption(root.command('down [names...]'))
    .description('end what `shakedown up` holds in this project, in order: all, or only these')
    .action((names: string[], flags: WhereFlags) =>
      settle(import('./up/down.ts').then((module) => module.down(names, flags, program))),
    );
}

const SHOW_TEXT = `
RUN is the id of a run, or its beginning, the folder of a run, or a file that
--report ndjson has written. Without --report, its page is written into its
folder, and opened if this is a terminal with a browser.`;

function addShow(root: Command, { program, settle }: Frame): void {
  whereOption(root.command('show [run]'))
    .description('show a past run (default: the latest), also one that was killed: its page, or any report')
    .option('--report <format[=file]>', REPORT_TEXT, collect)
    .option('--no-open', 'do not open the page in a browser')
    .addHelpText('after', SHOW_TEXT)
    .action((run: string | undefined, flags: ShowFlags) =>
      settle(import('./show/show.ts').then((module) => module.show(run, flags, program))),
    );
}

const MERGE_TEXT = `
Each file is what one shard has written: shakedown --shard 2/3 --report
ndjson=FILE. The exit code is that of one run of the whole; if a shard is
missing, doubled, cut off or of another plan, it is 3 at best. Where the suite
is checked out, its history is written: by that the next shards are dealt.`;

function addMerge(root: Command, { program, settle }: Frame): void {
  whereOption(root.command('merge <files...>'))
    .description('put together what was run in shards, and report it as one run')
    .option('--report <format[=file]>', REPORT_TEXT, collect)
    .option('--no-github', NO_GITHUB_TEXT)
    .addHelpText('after', MERGE_TEXT)
    .action((files: string[], flags: MergeFlags) =>
      settle(import('./merge/merge.ts').then((module) => module.merge(files, flags, program))),
    );
}

function addSweep(root: Command, { program, settle }: Frame): void {
  root
    .command('sweep')
    .description('stop what an earlier run left when it was killed')
    .option('--dry-run', 'only show what would be stopped', false)
    .action((flags: { dryRun: boolean }) =>
      settle(import('./sweep.ts').then((module) => module.sweep(flags, program))),
    );
}

function addDoctor(root: Command, { program, settle }: Frame): void {
  root
    .command('doctor')
    .description('show how strongly processes can be owned on this machine')
    .option('--load', 'instead, compare what the load generator measures with the truth', false)
    .option('--json', 'as JSON', false)
    .action((flags: { json: boolean; load: boolean }) =>
      settle(
        flags.load
          ? import('./doctor-load.ts').then((module) => module.doctorLoad(flags, program))
          : import('./doctor.ts').then((module) => module.doctor(flags, program)),
      ),
    );
}

const NEW_TEXT = `
It reads lock files, package.json, pyproject.toml, Procfile, Makefile and
sources, and changes none of them. The server it finds is started, asked a few
times and stopped before anything is written. A folder of scripts (integration,
or --dir) keeps its convention. On a terminal it asks if there is a choice,
before it installs packages, and before it changes a database. The exit code is
1 if the server, its client or a test did not work; a test beside a folder of
scripts that fails then only runs when named, and is no failure.

With --har, what a user did in a browser (network panel, "Save all as HAR with
content") becomes steps: static files are left out, ids and tokens are taken
from the responses, and passwords come from the environment.`;

function addNew(root: Command, { program, settle }: Frame): void {
  root
    .command('new')
    .description('write a first config: look at the project, try its server, then write')
    .option('--dir <dir>', 'the folder of scripts to look into (default: integration)')
    .option(
      '-y, --yes',
      'ask nothing: choose the likeliest, and install packages and migrate databases if needed',
      false,
    )
    .option('--har <file>', 'a recording from a browser: its requests become the steps of a load')
    .option('--dry-run', 'print the config; start and write nothing', false)
    .addHelpText('after', NEW_TEXT)
    .action((flags: NewFlags) =>
      settle(import('./new/new.ts').then((module) => module.newConfig(flags, program))),
    );
}

function addExplain(root: Command, { settle }: Frame): void {
  root
    .command('explain [codes...]')
    .description('explain a finding, such as exit-code; without a code, list them all')
    .action((codes: string[]) => settle(import('./explain.ts').then((module) => module.explain(codes))));
}

/** That a flag is off by default goes without saying. */
const describe = (option: Option): string =>
  option.defaultValue === false ? option.description : new Help().optionDescription(option);

/** The options of `run` are shown in the main help, since the word may be omitted. */
const optionsOf = (run: Command): string =>
  run
    .createHelp()
    .visibleOptions(run)
    .filter(({ long }) => long !== '--help')
    .map((option) => `  ${option.flags.padEnd(26)} ${option.description}`)
    .join('\n');

const EXIT_CODES = `Exit codes: 0 all passed, 1 something failed, 2 usage or config error,
3 inconclusive, 4 nothing ran or is up, 5 Shakedown itself failed. After a
signal, that of the signal: 130 for Ctrl-C.`;

/**
 * @param settle receives the outcome of a command
 * @returns the program with its commands; the code of a command is loaded when it is called
 */
export function createProgram(program: Program, settle: Frame['settle']): Command {
  const root = new Command('shakedown')
    .description('Try out what you are about to ship: servers, scripts, libraries, packages.')
    .version(program.version, '-V, --version', 'print the version')
    .usage('[command] [names...] [options]')
    // Commander's own help command silently shows the main help for an unknown command.
    .helpCommand(false)
    .configureHelp({ optionDescription: describe })
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(secrets.conceal(explainMissing(text).replace(/^error: /, 'shakedown: '))),
    });
  const run = addRun(root, { program, settle });
  for (const add of [
    addListAndPlan,
    addLoad,
    addAgent,
    addCluster,
    addPackage,
    addProve,
    addUp,
    addHeld,
    addWatch,
    addShow,
    addMerge,
    addSweep,
    addDoctor,
    addNew,
    addExplain,
  ])
    add(root, { program, settle });
  root.addHelpText('after', () => `\nOptions of run:\n${optionsOf(run)}\n`);
  root.addHelpText('after', `\n${EXIT_CODES}`);
  return root;
}
