/** Options of all commands that choose a suite, or say how it is run. */
import { type Command, Option } from 'commander';
import { collect, durationOption, shardOption, wholeNumber } from './option-values.ts';

export const JOBS_TEXT = 'run up to n independent components at a time';
export const SHARD_TEXT =
  'only the k-th of n parts, as long as each other by earlier runs: see `shakedown merge`';
export const USE_TEXT = 'use what is already there in place of a service of the suite; may be repeated';
export const SEED_TEXT = 'random seed, to repeat what a finding reports (default: 1)';

export function suiteOptions(command: Command): Command {
  return command
    .option('--dir <dir>', 'a folder of scripts (thread, http, client, init, typestubs.py or .ts)')
    .option(
      '--config <file>',
      'the config file (default: shakedown.config.{ts,mts,js,mjs,json}, else ./integration)',
    )
    .option(
      '--port <n>',
      'port of the folder’s http; 0 picks a free one (default: 8001)',
      wholeNumber(0, 65535, 'A port'),
    )
    .option('--daemon', 'start the folder’s http with --daemon (default)')
    .addOption(
      new Option('--foreground', 'start daemons in the foreground, where their output is seen').conflicts(
        'daemon',
      ),
    )
    .option('--raw', 'run the folder’s thread without checking for errors it never retrieves')
    .addOption(
      new Option(
        '--memory <debug|off>',
        'debug allocators for all children (default: debug for a folder)',
      ).choices(['debug', 'off']),
    );
}

export function runOptions(command: Command): Command {
  return suiteOptions(command)
    .option('--failed', 'only what has failed, or was not reached because of it; with names, of these', false)
    .option('--shard <k/n>', SHARD_TEXT, shardOption)
    .option('--keep-going', 'continue after a failure', false)
    .option('--jobs <n>', JOBS_TEXT, wholeNumber(1, 1024, 'A number of jobs'), 1)
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
    .addOption(
      new Option(
        '--flaky <fail|warn>',
        'whether a pass on a retry fails the component (default: its option, else warn)',
      ).choices(['fail', 'warn']),
    )
    .option('--seed <n>', SEED_TEXT, wholeNumber(0, 2 ** 31 - 1, 'A seed'))
    .option('--use <name=url>', USE_TEXT, collect);
}
