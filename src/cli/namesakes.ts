/** Components that have the name of a command of Shakedown. */
import { loadSuite } from '../config/discover.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Result } from '../core/result.ts';
import type { Suite } from '../core/suite.ts';
import { type Program, type SuiteFlags, suiteChoice } from './flags.ts';
import { say } from './say.ts';

/** Reads the suite that the flags mean; of a component whose name alone does something else it is said how to run it. */
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

/** For somebody whose use of a command made no sense: whether a component may have been meant. */
export async function suggestNamesake(name: string | undefined, program: Program): Promise<void> {
  if (name === undefined || !program.commands.includes(name)) return;
  const suite = await loadSuite(program);
  if (suite.ok && suite.value.components.some((component) => component.name === name))
    say(`to run the component "${name}": shakedown run ${name}`, process.stderr);
}
