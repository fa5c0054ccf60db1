import type { Trouble } from '../../core/failure.ts';

/** The result of one check of a readiness condition. */
export type ProbeAnswer = { readonly ready: true } | NotReady;

export interface NotReady {
  readonly ready: false;
  readonly why: string;
  /** The HTTP status, where it was not an accepted one. */
  readonly status?: number;
  /** The last lines printed by a probe's command. */
  readonly words?: readonly string[];
  /** A probe's command did not end in the time it was given. */
  readonly isHung?: boolean;
  /** The machine lacks something, so nothing could be checked. */
  readonly trouble?: Trouble;
  /** A server accepted or answered the request: each further check leaves a line in its log. */
  readonly isHeard?: boolean;
  /** Nothing listens: nothing changes until the kernel has one more socket. */
  readonly isUnheard?: boolean;
  /** The condition holds, and only the service's own port is not in use. */
  readonly isUnused?: boolean;
}
