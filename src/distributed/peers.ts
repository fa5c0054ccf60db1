/** The packages of Temporal: a shakedown without agents neither needs nor loads them. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { err, ok, type Result } from '../core/result.ts';

/** What the packages offer, once they are loaded. */
export interface Temporal {
  readonly client: typeof import('@temporalio/client');
  readonly worker: typeof import('@temporalio/worker');
  readonly activity: typeof import('@temporalio/activity');
}

/** As in `peerDependencies`: the workflows are bundled with that version, and run in a worker of the same. */
const RANGE = '1.24';
const PACKAGES = ['client', 'worker', 'workflow', 'activity'].map((name) => `@temporalio/${name}@${RANGE}`);

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException | null)?.code;

/** @returns the packages, or what to install */
export async function loadTemporal(): Promise<Result<Temporal, Diagnostic>> {
  try {
    const [client, worker, activity] = await Promise.all([
      import('@temporalio/client'),
      import('@temporalio/worker'),
      import('@temporalio/activity'),
    ]);
    return ok({ client, worker, activity });
  } catch (error) {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND' && codeOf(error) !== 'MODULE_NOT_FOUND')
      return err({
        message: `the packages of Temporal cannot be loaded: ${(error as Error).message}`,
        hint: `install them anew: npm install ${PACKAGES.join(' ')}`,
      });
    return err({
      message: 'agents need the packages of Temporal, which are not installed',
      hint: `npm install ${PACKAGES.join(' ')}`,
    });
  }
}
