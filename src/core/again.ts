/** The command that runs something of a suite once more. */
import type { Plan } from './plan.ts';
import { quote } from './quote.ts';
import type { Suite } from './suite.ts';

/** What is found without being named. */
const USUAL_CONFIG = /^shakedown\.config\.(?:[mc]?[jt]s|json)$/;
const USUAL_FOLDER = 'integration';

/** What chooses a suite. */
export interface Chosen {
  /** The folder or config file, as the user would type it. */
  readonly suite: string;
  /** Null if that is not known. */
  readonly source: Suite['source'] | null;
  /** What was already there, as `NAME=URL`. */
  readonly uses: readonly string[];
}

/** The options that choose it, unless it is the usual one. */
function optionsOf({ suite, source, uses }: Chosen): string[] {
  const used = uses.flatMap((use) => ['--use', use]);
  if (source?.type === 'convention') return [...(suite === USUAL_FOLDER ? [] : ['--dir', suite]), ...used];
  if (source?.type !== 'config' || USUAL_CONFIG.test(suite)) return used;
  return ['--config', suite, ...used];
}

/**
 * @param words what is to be run: names of components and options, or a command of Shakedown and what follows it
 * @returns for the folder that the run was started in, with what a shell would misread quoted
 */
export function againCommand(chosen: Chosen, words: readonly string[]): string {
  const { source } = chosen;
  const of =
    source?.type === 'package'
      ? ['package', source.spec]
      : // A component of a list is a package.
        source?.type === 'packages'
        ? ['package']
        : [];
  return ['npx', 'shakedown', ...of, ...words, ...optionsOf(chosen)].map(quote).join(' ');
}

export const chosenIn = ({ suite, source, shared }: Pick<Plan, 'suite' | 'source' | 'shared'>): Chosen => ({
  ...{ suite, source },
  uses: shared.flatMap((each) => (each.type === 'external' ? [`${each.name}=${each.url}`] : [])),
});
