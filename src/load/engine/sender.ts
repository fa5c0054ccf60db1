import type { Checks } from './check/compile.ts';
import type { Values } from './request/template.ts';
import type { ResponseView } from './response.ts';

/** A request that is not in the plan, but was made while the load runs. */
export interface Made {
  readonly name: string;
  readonly checks: Checks | undefined;
}

/** Who sends a request, where that matters: a user of a load with steps. It learns what became of each of its requests. */
export interface Sender extends Values {
  /** Its request under way; null: one of the plan. */
  readonly made: Made | null;
  /** How many bytes of the body of a response it needs. */
  readonly bodyToKeep: number;
  /** Whether it has an answer of its own to a response by this status, so that it needs to pass no check. */
  excuses(status: number): boolean;
  /**
   * A response is complete. Its bytes are only valid during this call.
   *
   * @param complaint what its checks found wrong
   * @returns what is wrong with it, be it that the user does not find in it what it needs
   */
  answered(response: ResponseView, complaint: string | undefined): string | undefined;
  /** Values taken from earlier responses, by their names; as evidence, while it is told of an outcome. */
  captured(): Readonly<Record<string, string>> | null;
  /** There will be no complete response. */
  lost(): void;
}
