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

/** Whether they are to say nothing, since what matters of the way to the server is told by us. */
let isQuiet = false;

/** An earlier load, or the program that we are in, may have said already how they are to run: then they do so. */
function quiet({ Runtime, DefaultLogger, makeTelemetryFilterString }: Temporal['worker']): void {
  if (isQuiet) return;
  isQuiet = true;
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => {}),
      // Left to itself it would write to standard output.
      telemetryOptions: {
        logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
      },
      // How a program ends is for its command line to say.
      shutdownSignals: [],
    });
  } catch (error) {
    if ((error as Error).name !== 'IllegalStateError') throw error;
  }
}

/** @returns the packages, which say nothing by themselves; or what to install */
export async function loadTemporal(): Promise<Result<Temporal, Diagnostic>> {
  try {
    const [client, worker, activity] = await Promise.all([
      import('@temporalio/client'),
      import('@temporalio/worker'),
      import('@temporalio/activity'),
    ]);
    quiet(worker);
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
