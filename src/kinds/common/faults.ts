/** Turns the options of faults into faults. Apart from the schemas, which a run without a config does not load. */
import type { FaultScope, HttpFault } from '../../core/http-fault.ts';
import type { Service } from '../../core/suite.ts';
import { BANDWIDTH } from './bandwidth.ts';
import { toDuration } from './duration.ts';
import type { FaultOptions, FaultScopeOptions } from './fault-options.ts';
import type { Scope } from './scope.ts';

const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1000, MB: 1_000_000 };

function toRate(text: string): number {
  const [, amount, unit = 'B'] = BANDWIDTH.exec(text) ?? [];
  return Math.max(1, Math.round(Number(amount) * (UNITS[unit] ?? 1)));
}

const scopeOf = ({ first, every, match }: FaultScopeOptions): FaultScope => ({
  ...(first === undefined ? {} : { first }),
  ...(every === undefined ? {} : { every }),
  ...(match === undefined ? {} : { match }),
});

/** `1 in 50` */
function howOften(often: true | string): FaultScope {
  return often === true ? {} : { every: Number(often.slice('1 in '.length)) };
}

function toFault(options: FaultOptions): HttpFault {
  const scope = scopeOf(options);
  if ('status' in options) return { type: 'status', status: options.status, ...scope };
  if ('latency' in options) return { type: 'latency', ms: toDuration(options.latency), ...scope };
  if ('bandwidth' in options)
    return { type: 'bandwidth', bytesPerSecond: toRate(options.bandwidth), ...scope };
  if ('reset' in options) return { type: 'reset', ...scope, ...howOften(options.reset) };
  if ('hang' in options) return { type: 'hang', ...scope, ...howOften(options.hang) };
  return { type: options.change, ...scope };
}

const isList = (via: FaultOptions | readonly FaultOptions[]): via is readonly FaultOptions[] =>
  Array.isArray(via);

/** The faults of a validated option `via`. */
export function toFaults(via: FaultOptions | readonly FaultOptions[] | undefined): readonly HttpFault[] {
  if (via === undefined) return [];
  return isList(via) ? via.map(toFault) : [toFault(via)];
}

/**
 * The same service with the faults of its option `via`.
 *
 * @param scope of its options
 */
export function withFaults(
  service: Service,
  via: FaultOptions | readonly FaultOptions[] | undefined,
  scope: Scope,
): Service {
  if (via !== undefined && service.port === null)
    scope.problem(['via'], 'a fault stands before a port, and this service has none', 'give it a `port`');
  return { ...service, via: toFaults(via) };
}
