/** A service for a test or a script. What runs is loaded when it is called: a config imports this file too. */
import type { StartServiceOptions } from '../config/start-service-words.ts';
import type { LogPortOptions } from '../kinds/common/service-options.ts';
import type { StartedServer, StartedService } from './started-service.ts';

/**
 * Starts a service and waits until it is ready. It is owned as in a suite: whatever ends this process, SIGKILL included, a
 * watchdog then ends the service with all that it started. It does not keep this process from exiting.
 *
 * @param options the words of `service({ … })`, with durations as texts with a unit (`30s`), and its name
 * @returns the service, once it is ready; `await using` stops it at the end of the block
 * @throws TypeError if options are wrong; the message names each mistake
 * @throws ServiceError if it is not ready in time, or ends before; nothing of it is left then
 */
export function startService(
  options: StartServiceOptions & { readonly port: number | LogPortOptions },
): Promise<StartedServer>;
export function startService(options: StartServiceOptions): Promise<StartedService>;
export async function startService(options: StartServiceOptions): Promise<StartedService> {
  const { holdService } = await import('./hold-service.ts');
  return holdService(options);
}
