/** What an engine makes for a run is written down before, so that it is removed even if Shakedown is killed. */
import type { Command, Environment } from '../../core/suite.ts';
import type { Ms } from '../../core/units.ts';
import type { UndoHandle, UndoRegister } from '../undo/undos.ts';

/** In milliseconds: an engine may be busy with others. */
const WITHIN = 120_000 as Ms;

/**
 * @param step the service that it is for
 * @param command removes it, and does no harm if there is nothing to remove
 * @param what is removed
 */
export const registerRemoval = (
  undos: UndoRegister,
  step: string,
  command: Command,
  env: Environment,
  what = `container "${step}"`,
): UndoHandle =>
  undos.register(
    {
      ...{ kind: 'undo', name: step, title: `removal of ${what}`, command },
      ...{ cwd: '/', env, timeout: WITHIN },
    },
    step,
  );
