import type { Trouble } from '../../core/failure.ts';

/** What one look at a readiness condition says. */
export type ProbeAnswer = { readonly ready: true } | NotReady;

export interface NotReady {
  readonly ready: false;
  readonly why: string;
  /** The status of an HTTP answer that was not the right one. */
  readonly status?: number;
  /** What a command that was to tell printed last. */
  readonly words?: readonly string[];
  /** A command that was to tell did not end in the time that it was given. */
  readonly isHung?: boolean;
  /** The machine lacks something, so that nobody could look. */
  readonly trouble?: Trouble;
  /** Somebody has answered, or taken the question: one more look leaves one more line in the log of the server. */
  readonly isHeard?: boolean;
  /** Nobody listens: nothing changes until the kernel has one more socket. */
  readonly isUnheard?: boolean;
}
