/** The command that repeats what a report tells of. */
import { againCommand } from '../core/again.ts';
import { showFault } from '../core/proof.ts';
import type { ComponentState, RunState } from './state.ts';

const again = ({ suite, source, used }: RunState, words: readonly string[]): string =>
  againCommand({ suite, source, uses: used.map(({ name, url }) => `${name}=${url}`) }, words);

export const repeatComponent = (
  { name, trial }: Pick<ComponentState, 'name' | 'trial'>,
  state: RunState,
): string => again(state, trial === null ? [name] : ['prove', trial.of, '--fault', showFault(trial)]);

/** For a service or task of the suite. */
export const repeatShared = (name: string, state: RunState): string =>
  // One that only one component uses is named after it as well.
  again(state, ['up', name.split('@')[0] ?? name]);
