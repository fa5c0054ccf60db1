/** From the options of the deploy test to what it does; whatever contradicts it is reported. */
import type { Service } from '../../core/suite.ts';
import { toDuration } from '../common/duration.ts';
import type { Scope } from '../common/scope.ts';
import type { Drain } from './component.ts';
import { DRAIN_DEFAULTS, type HttpOptions } from './options.ts';

/** Options of the load that say when it ends. */
const LIMITS = ['duration', 'requests', 'stages'] as const;

/** @param target the service that the client tries, if it is one of the component */
export function buildDrain(
  { drain, client, via = [] }: HttpOptions,
  target: Service | undefined,
  scope: Scope,
): Drain | undefined {
  if (drain === undefined) return undefined;
  const load = typeof client === 'object' && 'kind' in client ? client : undefined;
  if (load === undefined)
    scope.problem(
      ['drain'],
      'the built-in client is needed to see what becomes of each request, but the client is a command',
      'client: load({ connections: 16 })',
    );
  for (const limit of LIMITS)
    if (load?.[limit] !== undefined)
      scope.problem(
        ['client', limit],
        'with `drain` the load lasts until the server is gone',
        `remove \`${limit}\`; how long load is sent before the signal is \`drain: { after }\``,
      );
  if (load?.findRate !== undefined)
    scope.problem(
      ['drain'],
      'a search for a rate sends many loads, and the server can be stopped in only one',
      'make two components of it: one with `findRate`, one with `drain`',
    );
  if (load?.websocket !== undefined || load?.sse !== undefined)
    scope.problem(
      ['drain'],
      'what becomes of WebSockets and event streams when the server stops is not judged',
      'make two components of it, and give `drain` to the one that sends requests',
    );
  if (target === undefined)
    scope.problem(
      ['drain'],
      'a service of the suite serves other components too, and must not be stopped',
      'make it the `server` of this component',
    );
  if (Array.isArray(via) ? via.length > 0 : true)
    scope.problem(
      ['drain'],
      'with `via` the client is connected to a proxy, which says nothing of how the server ends its connections',
      'make two components of it: one with `via`, one with `drain`',
    );
  const isRestart = drain.restart ?? DRAIN_DEFAULTS.restart;
  return {
    after: toDuration(drain.after ?? DRAIN_DEFAULTS.after),
    signal: drain.signal ?? (isRestart ? 'SIGHUP' : 'SIGTERM'),
    within: toDuration(drain.within ?? DRAIN_DEFAULTS.within),
    isRestart,
    exitCode: drain.exitCode ?? DRAIN_DEFAULTS.exitCode,
  };
}
