/** How a package is tried, as options of `shakedown package`: they are said of one package, and only `--python` of a list. */
import { type Command, Option } from 'commander';
import { nodeVersions, peerEnds, pythonVersions, startBudget } from './option-values.ts';

const WAYS: readonly (readonly [flags: string, text: string, parse: (value: string) => unknown])[] = [
  ['--node <versions>', 'on these versions of Node.js, such as 20,22.11', nodeVersions],
  ['--peers <ends>', 'peer dependencies at their lowest, highest, or lowest,highest', peerEnds],
  ['--python <versions>', 'on these versions of Python, such as 3.11,3.13', pythonVersions],
  ['--budget <limits>', 'what its start may cost: start=3x,modules=200, or one of them', startBudget],
];

export function waysOptions(command: Command): void {
  for (const [flags, text, parse] of WAYS) {
    const option = new Option(flags, text).argParser(parse);
    command.addOption(option.attributeName() === 'python' ? option : option.conflicts('list'));
  }
}
