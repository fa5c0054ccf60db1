/** The help of each command. */
import { expect, test } from 'vitest';
import { COMMAND_LINE } from '../../rig/command-line.ts';

test.each(COMMAND_LINE.commands.map((command) => [command.name(), command] as const))(
  'the help of %s fits into 80 columns, and does not say of each flag that it is off by default',
  (_, command) => {
    let help = '';
    command.configureOutput({
      writeOut: (text) => {
        help += text;
      },
      getOutHelpWidth: () => 80,
    });
    command.outputHelp();
    expect(help).toMatch(/^Usage: shakedown /);
    const isExample = (line: string): boolean => line.startsWith('  shakedown ');
    expect(help.split('\n').filter((line) => line.length > 80 && !isExample(line))).toEqual([]);
    expect(help).not.toContain('(default: false)');
  },
);
