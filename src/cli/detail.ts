/** How much is said of a run: `--quiet`, `--verbose`, or neither. */
import { type Command, Option } from 'commander';

export interface DetailFlags {
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

export type Detail = 'quiet' | 'usual' | 'verbose';

export const detailOf = ({ quiet, verbose }: DetailFlags): Detail =>
  quiet === true ? 'quiet' : verbose === true ? 'verbose' : 'usual';

export const detailOptions = (command: Command): Command =>
  command
    .addOption(new Option('--quiet', 'only the verdict, and what broke').conflicts('verbose'))
    .addOption(
      new Option(
        '--verbose',
        'also what components print, line by line, and when steps start and end',
      ).conflicts('quiet'),
    );
