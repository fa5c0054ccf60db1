/** Components that share their name with a Shakedown command. */
import { loadSuite } from '../config/discover.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Result } from '../core/result.ts';
import type { Suite } from '../core/suite.ts';
import { type Program, type SuiteFlags, suiteChoice } from './flags.ts';
import { say } from './say.ts';

/** Reads the suite chosen by the flags; tells how to run a component whose name alone means a command. */
export async function readSuite(flags: SuiteFlags, program: Program): Promise<Result<Suite, Diagnostic[]>> {
  const suite = await loadSuite(suiteChoice(flags, program));
  for (const { name } of suite.ok ? suite.value.components : [])
    if (program.commands.includes(name))
      say(
        `note: \`shakedown ${name}\` is a command of Shakedown; the component "${name}" runs by \`shakedown run ${name}\``,
        process.stderr,
      );
  return suite;
}

/** After a meaningless use of a command: suggests the component of that name, if there is one. */
export async function suggestNamesake(name: string | undefined, program: Program): Promise<void> {
  if (name === undefined || !program.commands.includes(name)) return;
  const suite = await loadSuite(program);
  if (suite.ok && suite.value.components.some((component) => component.name === name))
    say(`to run the component "${name}": shakedown run ${name}`, process.stderr);
}
