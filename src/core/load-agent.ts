/** The machines that send a load together: who is to, and what became of each. */
import type { JoinWords } from './join.ts';
import type { Latency } from './latency.ts';
import { type Ms, plural } from './units.ts';

/** The machines that are to send a load: how many, and where they wait. */
export interface LoadAgents extends JoinWords {
  readonly count: number;
  readonly join: string;
  /** How long they may take to come. */
  readonly waitForAgents: Ms;
}

/** `2 agents at localhost:7233` */
export const showAgents = ({ count, join }: LoadAgents): string => `${plural(count, 'agent')} at ${join}`;

/**
 * What became of an agent: its last report came, it fell silent, it was told to go before the end, or it never sent
 * anything.
 */
export type LoadAgentFate = 'finished' | 'lost' | 'left' | 'missing';

/** One machine's part of a load, as far as it is known. */
export interface LoadAgent {
  /** From 0. */
  readonly part: number;
  /** What its operator called it. */
  readonly name: string;
  /** What its machine is called, if that is something else. */
  readonly host?: string;
  readonly fate: LoadAgentFate;
  /** Of the machine; null if it never came. */
  readonly cores: number | null;
  /** Threads that sent; 0 if it never reported. */
  readonly threads: number;
  /** Requests that were due there, apart from those that were never sent. */
  readonly sent: number;
  /** Complete responses per second. */
  readonly achieved: number;
  /** From when a request was written to the end of its response, in microseconds; null if there was none. */
  readonly serviceUs: Pick<Latency, 'count' | 'p50' | 'p99' | 'atLeast'> | null;
  /** CPU time while measuring, spinning included. */
  readonly cpuMs: number;
  /** The largest share of its time that any of its threads worked. */
  readonly busiest: number;
  /** Milliseconds after the agreed time at which it began to send; 0: on time. */
  readonly lateMs: number;
  /** Whether it was the bottleneck. */
  readonly saturated: boolean;
}
