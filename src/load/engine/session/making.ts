/**
 * Requests that a function makes while the load runs. It runs in the middle of the engine, so whatever it does, only the
 * iteration that it was called for ends.
 */
import type { LoadNext, LoadRequest } from '../../../core/load.ts';
import type { LoadLastResponse, LoadUser } from '../../../core/load-scenario.ts';
import { type Checks, compileChecks, LONGEST_SEARCHED_BODY } from '../check/compile.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { BrokenSteps } from '../reports.ts';
import type { FilledRequest } from '../request/template.ts';
import type { ResponseView } from '../response.ts';
import type { Made } from '../sender.ts';

export interface MadeRequest extends Made {
  /** What stands for its place in the plan. */
  readonly index: number;
  readonly filled: FilledRequest;
}

/** In an iteration of a run that ends with a number of them: it would not end if one of them never did. */
export const MOST_IN_COUNTED = 1000;
/** Checks that are kept compiled; a function may make others for each request. */
const MOST_COMPILED = 200;

type Reader = LoadLastResponse['header' | 'text' | 'json'];

/** An error at the place where the function reads, not where it is noticed. */
function unreadable(message: string, reader: Reader): Error {
  const error = new Error(message);
  Error.captureStackTrace(error, reader);
  return error;
}

const LATE = 'the response can only be read while the function runs: keep the values, not the response';

/** A response for as long as its bytes are valid. */
class Last implements LoadLastResponse {
  readonly name: string;
  readonly status: number;
  #response: ResponseView | null;

  constructor(name: string, response: ResponseView) {
    this.name = name;
    this.status = response.status;
    this.#response = response;
  }

  #open(reader: Reader): ResponseView {
    if (this.#response === null) throw unreadable(LATE, reader);
    return this.#response;
  }

  close(): void {
    this.#response = null;
  }

  header(name: string): string | undefined {
    return this.#open(this.header).header(name);
  }

  text(): string {
    return this.#text(this.text);
  }

  #text(reader: Reader): string {
    const { body, bodyLength } = this.#open(reader);
    if (body.end - body.start < bodyLength)
      throw unreadable(`the body has ${bodyLength} bytes; only ${LONGEST_SEARCHED_BODY} are kept`, reader);
    return body.buffer.toString('utf8', body.start, body.end);
  }

  json(): unknown {
    const text = this.#text(this.json);
    try {
      return JSON.parse(text);
    } catch (error) {
      throw unreadable(`the answer to ${this.name} is not JSON: ${(error as Error).message}`, this.json);
    }
  }
}

/** What the function may see of a user. */
const shown = (user: LoadUser): LoadUser => ({
  number: user.number,
  iteration: user.iteration,
  get values() {
    return user.values;
  },
});

const filled = ({ method, path, headers, body }: LoadRequest): FilledRequest => ({
  ...{ method, path, headers },
  body: body === null ? null : Buffer.from(body.content, body.encoding),
});

export class Making {
  broken: BrokenSteps | null = null;
  /** Patterns of checks that were given up. */
  readonly #slow = new Set<string>();
  readonly #next: LoadNext;
  readonly #recorder: Recorder;
  readonly #most: number;
  #compiled = new Map<string, Checks | undefined>();

  /** @param isCounted whether the run ends with a number of iterations */
  constructor(next: LoadNext, recorder: Recorder, isCounted: boolean) {
    this.#next = next;
    this.#recorder = recorder;
    this.#most = isCounted ? MOST_IN_COUNTED : Number.POSITIVE_INFINITY;
  }

  get slowPatterns(): string[] {
    this.#noteSlow();
    return [...this.#slow];
  }

  /**
   * @param last with the name of its request; null at the beginning of an iteration
   * @param count of requests that were made in the iteration
   * @returns null: the iteration has ended; undefined: it has failed
   */
  make(
    user: LoadUser,
    last: { readonly name: string; readonly response: ResponseView } | null,
    count: number,
  ): MadeRequest | null | undefined {
    const seen = last === null ? null : new Last(last.name, last.response);
    const request = this.#next(seen, shown(user));
    seen?.close();
    if (request === null && last !== null) return null;
    if (request === null)
      return this.#fail('it returned null at the beginning of an iteration, which needs a request');
    if ('wrong' in request) return this.#fail(request.wrong);
    if (count >= this.#most)
      return this.#fail(
        `it returned more than ${this.#most} requests in one iteration, and the load ends with a number of iterations: return null at the end of one, or give the load a duration`,
      );
    const { name } = request;
    return {
      ...{ name, index: this.#recorder.placeOf(name) },
      ...{ checks: this.#checksOf(request), filled: filled(request) },
    };
  }

  #fail(why: string): undefined {
    const { count, why: first } = this.broken ?? { count: 0, why };
    this.broken = { count: count + 1, why: first };
    return undefined;
  }

  #checksOf({ checks }: LoadRequest): Checks | undefined {
    const key = JSON.stringify(checks);
    if (this.#compiled.has(key)) return this.#compiled.get(key);
    if (this.#compiled.size === MOST_COMPILED) {
      this.#noteSlow();
      this.#compiled = new Map();
    }
    const compiled = compileChecks({ checks });
    this.#compiled.set(key, compiled);
    return compiled;
  }

  #noteSlow(): void {
    for (const checks of this.#compiled.values())
      for (const pattern of checks?.givenUp() ?? []) this.#slow.add(pattern);
  }
}
