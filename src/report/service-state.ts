/** The part of a component's state that is about its own services. */
import type { Stamped } from '../core/event.ts';

export interface ServiceState {
  readonly name: string;
  /** Null if this run has not started it. */
  readonly pid: number | null;
  readonly port: number | null;
  readonly address?: string;
  /** What happens to its answers on their way from it to that port. */
  readonly faults?: readonly string[];
  /** In milliseconds since the run began: when it was started. */
  readonly sinceMs: number;
  readonly readyAfterMs: number;
}

/** A service of a component's own that is up. */
export interface ServiceUp extends Pick<ServiceState, 'name' | 'port'> {
  /** When it was ready. */
  readonly sinceMs: number;
}

export interface Services {
  readonly services: readonly ServiceState[];
  /** Those of them that have not ended. */
  readonly up: readonly ServiceUp[];
}

export const NO_SERVICES: Services = { services: [], up: [] };

type Of<T extends Stamped['type']> = Extract<Stamped, { type: T }>;

export function readyService({
  service: name,
  pid,
  port,
  address,
  faults,
  readyAfterMs,
  elapsedMs,
}: Of<'service-ready'>): ServiceState {
  return {
    ...{ name, pid, port, sinceMs: Math.max(0, elapsedMs - readyAfterMs), readyAfterMs },
    ...(address === undefined ? {} : { address }),
    ...(faults === undefined ? {} : { faults }),
  };
}

export const withService = ({ services, up }: Services, event: Of<'service-ready'>): Services => ({
  services: [...services, readyService(event)],
  up: [...up, { name: event.service, port: event.port, sinceMs: event.elapsedMs }],
});

export const withoutService = (
  { services, up }: Services,
  { service }: Of<'service-died' | 'service-ended'>,
): Services => ({
  services,
  up: up.filter(({ name }) => name !== service),
});
