/** The faults that `prove` tries between a service and its client, and what is said of each. */
import type { HttpFault } from '../../core/http-fault.ts';
import type { Pace } from './load-brief.ts';

/** Faults by how much of the traffic the proxy must have read. */
export type Needs = 'json' | 'body' | 'answers' | 'connections';

export interface Declared {
  readonly word: string;
  readonly isDemanded: boolean;
  readonly needs: Needs;
  readonly deed: string;
  readonly advice: string;
  /** The same for a load, if it is another. */
  readonly adviceForLoad?: string;
  readonly fault: (seen: Seen) => HttpFault;
}

/** What the control showed. */
export interface Seen extends Pace {
  /** In milliseconds. */
  readonly median: number;
}

const SLOWER = 10;
/** In milliseconds: what anybody would call slow. */
const LEAST_DELAY = 100;
/** In milliseconds: how long all delays together may take. */
const MOST_WAITING = 20_000;

/** Ten times the median, unless all of them together would take too long. */
function delayFor({ answers, median }: Seen): number {
  const wanted = Math.max(LEAST_DELAY, SLOWER * median);
  return Math.round(Math.max(SLOWER * median, Math.min(wanted, MOST_WAITING / Math.max(1, answers))));
}

const EXPECT_BODY =
  "expect what is in the body, not only a status: `expect: { json: { 'items.0.name': 'pen' } }`, or `exactBody`";
const CHECK_BODY = 'have the client compare the body with what it expects, not only look at the status';

export const SERVER_DIES = 'server-dies';

/** The most telling first. */
export const FAULTS: readonly Declared[] = [
  {
    word: 'status-500',
    isDemanded: true,
    needs: 'answers',
    deed: 'every answer was 500',
    advice:
      'have the client fail unless the status is the one it expects: `curl --fail`, `raise_for_status()`, `if (!response.ok) throw …`',
    adviceForLoad: 'expect a status of the load: `expect: { status: 200 }`',
    fault: () => ({ type: 'status', status: 500 }),
  },
  {
    word: 'wrong-value',
    isDemanded: true,
    needs: 'json',
    deed: 'a value was changed in the answers',
    advice: CHECK_BODY,
    adviceForLoad: EXPECT_BODY,
    fault: () => ({ type: 'wrong-value' }),
  },
  {
    word: 'truncated-body',
    isDemanded: true,
    needs: 'body',
    deed: 'answers lacked their second half',
    advice: 'have the client parse the body, and compare it with what it expects',
    adviceForLoad: EXPECT_BODY,
    fault: () => ({ type: 'truncated-body' }),
  },
  {
    word: 'empty-body',
    isDemanded: true,
    needs: 'body',
    deed: 'answers had no body',
    advice: 'have the client read the body, and compare it with what it expects',
    adviceForLoad: EXPECT_BODY,
    fault: () => ({ type: 'empty-body' }),
  },
  {
    word: 'reset',
    isDemanded: true,
    needs: 'connections',
    deed: 'connections were reset in place of an answer',
    advice: 'have the client fail when a request does: no `|| true`, no `except: pass`, no empty `catch`',
    adviceForLoad: 'lower how many failures its thresholds allow',
    fault: () => ({ type: 'reset' }),
  },
  {
    word: SERVER_DIES,
    isDemanded: true,
    needs: 'connections',
    deed: 'the server was killed half-way',
    advice: 'have the client need the server to its end',
    fault: ({ answers }) => ({ type: 'die', after: Math.floor(answers / 2) }),
  },
  {
    word: 'not-json',
    isDemanded: false,
    needs: 'json',
    deed: 'answers were no JSON any more',
    advice: 'have the client parse the body',
    adviceForLoad: EXPECT_BODY,
    fault: () => ({ type: 'not-json' }),
  },
  {
    word: 'missing-field',
    isDemanded: false,
    needs: 'json',
    deed: 'a field was missing in the answers',
    advice: 'have the client compare whole objects, or check that every field is there',
    adviceForLoad: EXPECT_BODY,
    fault: () => ({ type: 'missing-field' }),
  },
  {
    word: 'wrong-type',
    isDemanded: false,
    needs: 'json',
    deed: 'a value had another type in the answers',
    advice: 'have the client compare with `===`, or check the body against a schema',
    adviceForLoad: EXPECT_BODY,
    fault: () => ({ type: 'wrong-type' }),
  },
  {
    word: 'status-500-some',
    isDemanded: false,
    needs: 'answers',
    deed: 'one answer in twenty was 500',
    advice: 'have the client check every answer, not only the first',
    adviceForLoad: 'lower what the thresholds allow: `errors == 0`',
    fault: ({ answers }) => ({ type: 'status', status: 500, every: Math.min(20, Math.max(1, answers)) }),
  },
  {
    word: 'other-answer',
    isDemanded: false,
    needs: 'body',
    deed: 'answers were those to other requests',
    advice: 'have the client check that the answer belongs to what it asked for',
    adviceForLoad: EXPECT_BODY,
    fault: () => ({ type: 'other-answer' }),
  },
  {
    word: 'stale-answer',
    isDemanded: false,
    needs: 'body',
    deed: 'answers were those of before',
    advice: 'have the client check after each change that it sees the change',
    fault: () => ({ type: 'stale-answer' }),
  },
  {
    word: 'content-type',
    isDemanded: false,
    needs: 'body',
    deed: 'answers had another content type',
    advice: 'have the client check the Content-Type, if its users depend on it',
    adviceForLoad:
      "expect it: `expect: { headers: { 'content-type': 'application/json' } }`, if users depend on it",
    fault: () => ({ type: 'content-type' }),
  },
  {
    word: 'slow',
    isDemanded: false,
    needs: 'connections',
    deed: 'every answer came late',
    advice:
      'give the client a shorter timeout than that, or use `load` with a threshold such as `p99 < 50ms`',
    adviceForLoad: 'give it a tight threshold on times, such as `p99 < 50ms`',
    fault: (seen) => ({ type: 'latency', ms: delayFor(seen) }),
  },
  {
    word: 'hang',
    isDemanded: false,
    needs: 'connections',
    deed: 'no answer ever came',
    advice: 'give the requests of the client a timeout',
    fault: () => ({ type: 'hang' }),
  },
];
