/** The command that runs something once more. */
import { showFault } from '../core/proof.ts';
import { quote } from '../core/quote.ts';
import type { ComponentState, RunState } from './state.ts';

/** What is found without being named. */
const USUAL_CONFIG = /^shakedown\.config\.(?:[mc]?[jt]s|json)$/;
const USUAL_FOLDER = 'integration';

/** The options that choose the suite, unless it is the usual one. */
function choice({ suite, source }: RunState): string {
  if (source?.type === 'convention') return suite === USUAL_FOLDER ? '' : ` --dir ${quote(suite)}`;
  return source?.type === 'config' && !USUAL_CONFIG.test(suite) ? ` --config ${quote(suite)}` : '';
}

/** @returns for the folder that the run was started in, with what a shell would misread quoted */
export function repeatComponent(
  { name, trial }: Pick<ComponentState, 'name' | 'trial'>,
  state: RunState,
): string {
  if (trial !== null)
    return `npx shakedown prove ${quote(trial.of)} --fault ${quote(showFault(trial))}${choice(state)}`;
  if (state.source?.type === 'package')
    return `npx shakedown package ${quote(state.source.spec)} ${quote(name)}`;
  return `npx shakedown ${quote(name)}${choice(state)}`;
}

/** For a service or task of the suite. */
export const repeatShared = (name: string, state: RunState): string =>
  // One that only one component uses is named after it as well.
  `npx shakedown up ${quote(name.split('@')[0] ?? name)}${choice(state)}`;
