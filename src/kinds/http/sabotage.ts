/** Faults between a service and its client: a proxy changes the answers, or the service dies, or never comes up. */
import type { Finding } from '../../core/finding.ts';
import type { HttpFault, ProxyReport, SeenAnswer } from '../../core/http-fault.ts';
import type { LoadClient } from '../../core/load.ts';
import type { Reach } from '../../core/proof.ts';
import { err, ok } from '../../core/result.ts';
import type { Command } from '../../core/suite.ts';
import { type Ms, ms } from '../../core/units.ts';
import { CLAIM_WORDS, type Claimed, claimFaults, withoutFault } from '../common/claims.ts';
import { defineSabotage, type Fault, type Faults, type TrialRecord, type Unreachable } from '../sabotage.ts';
import type { HttpComponent } from './component.ts';
import { forLateness, forSilence, type Pace, withoutPace } from './load-brief.ts';
import { CHECK, loadClaims, type Put, THRESHOLD } from './load-claims.ts';

/** What the proxy saw of the client; undefined if it was never in use. */
function reportOf({ events }: TrialRecord): ProxyReport | undefined {
  const ended = events.findLast((event) => event.type === 'proxy-finished' && event.user === 'client');
  return ended?.type === 'proxy-finished' ? ended.report : undefined;
}

/** How long a load was sent, in milliseconds; 0 if there was none. */
function loadTimeOf({ events }: TrialRecord): number {
  const ended = events.find((event) => event.type === 'load-finished');
  return ended?.type === 'load-finished' ? ended.load.durationMs : 0;
}

/** Faults by how much of the traffic the proxy must have read. */
type Needs = 'json' | 'body' | 'answers' | 'connections';

interface Declared {
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
interface Seen extends Pace {
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

/** The most telling first. */
const FAULTS: readonly Declared[] = [
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
    word: 'server-dies',
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
    advice: 'give the load a threshold such as `p99 < 50ms`, or the client a timeout',
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

const NEVER_READY = 'never-ready';

/** Neither listens nor ends by itself. */
const IDLE: Command = { type: 'argv', argv: [process.execPath, '-e', 'setInterval(() => {}, 1 << 30)'] };
const READY_WITHIN = 3000;

/** A client that could not even connect has not seen an answer. */
const NO_CONNECTION = /ECONNREFUSED|EADDRINUSE|connection refused|address already in use/i;

const FROM_CLIENT = new Set<Finding['code']>([
  ...(['exit-code', 'missing-output', 'forbidden-output', 'lost-error', 'zero-work'] as const),
  ...(['unexpected-response', 'protocol-error', 'request-failed', 'threshold'] as const),
]);

/** Whether a client's failure looks as if it had seen the fault. */
function isNoticed({ needs, word }: Declared, finding: Finding): boolean {
  if (word === 'server-dies') return finding.code === 'service-died' || FROM_CLIENT.has(finding.code);
  if (word === 'hang' || word === 'slow') return finding.code === 'timeout' || FROM_CLIENT.has(finding.code);
  if (!FROM_CLIENT.has(finding.code)) return false;
  return needs === 'connections' || !NO_CONNECTION.test(finding.message);
}

const withFault = (component: HttpComponent, fault: HttpFault): HttpComponent => ({
  ...component,
  via: [...component.via, fault],
});

/** What a client command must print and exit with, for the faults that break exactly that. */
function claimsOf(component: HttpComponent): Claimed | undefined {
  const { client } = component;
  if (client.type !== 'command') return undefined;
  const put = (command: Command): HttpComponent => ({ ...component, client: { ...client, command } });
  return { expect: client.expect, command: client.command, checker: 'client', put };
}

/** A load that shows this fault soon. */
function inBrief({ word }: Declared, load: LoadClient, pace: Pace): LoadClient {
  if (word === 'hang') return forSilence(load, pace, 1);
  if (word === 'reset') return forSilence(load, pace);
  if (word === 'slow') return forLateness(load, pace);
  return withoutPace(load, pace);
}

/** How often the last fault of the proxy happened. */
function reachOf(record: TrialRecord): Reach {
  const report = reportOf(record);
  return { changed: report?.changedBy.at(-1) ?? 0, of: report?.answers ?? 0, unit: 'answer' };
}

function neverReady(component: HttpComponent): Fault {
  const [first, ...rest] = component.services;
  const replace = (service: typeof first): typeof first =>
    service.name === component.target
      ? {
          ...service,
          command: IDLE,
          daemon: false,
          foreground: null,
          readyTimeout: ms(Math.min(service.readyTimeout, READY_WITHIN)),
        }
      : service;
  return {
    fault: NEVER_READY,
    subject: null,
    isDemanded: false,
    sabotage: () => ({ ...component, services: [replace(first), ...rest.map(replace)] }),
    takes: ms(READY_WITHIN),
    reach: () => ({ changed: 1, of: 1, unit: 'start' }),
    isNoticed: () => true,
    deed: 'the server was never started',
    checker: 'client',
    advice: 'check that the client talks to this server, and not to another one',
  };
}

/** What a trial of a fault runs, and how many answers there will be. */
function trialOf(
  component: HttpComponent,
  declared: Declared,
  seen: Seen,
): { readonly component: HttpComponent; readonly seen: Seen } {
  const { client } = component;
  if (client.type !== 'load') return { component, seen };
  const load = inBrief(declared, client.load, seen);
  const { limit } = load;
  const answers = limit.type === 'requests' ? Math.min(seen.answers, limit.requests) : seen.answers;
  return { component: { ...component, client: { type: 'load', load } }, seen: { ...seen, answers } };
}

function faultOf(original: HttpComponent, declared: Declared, control: Seen): Fault {
  const { component, seen } = trialOf(original, declared, control);
  const fault = declared.fault(seen);
  return {
    fault: declared.word,
    subject: null,
    isDemanded: declared.isDemanded,
    sabotage: () => withFault(component, fault),
    ...(fault.type === 'hang' ? { hangs: true } : {}),
    ...(fault.type === 'latency' ? { takes: (fault.ms * seen.answers) as Ms } : {}),
    reach: reachOf,
    isNoticed: (finding) => isNoticed(declared, finding),
    deed: declared.deed,
    checker: 'client',
    advice: adviceOf(declared, component),
  };
}

const adviceOf = ({ advice, adviceForLoad }: Declared, { client }: HttpComponent): string =>
  client.type === 'load' ? (adviceForLoad ?? advice) : advice;

const NO_FAULTS: Faults = { faults: [], unreachable: [] };

const isGood = ({ status }: SeenAnswer): boolean => status >= 200 && status < 300;

/** Which faults the traffic allows. */
function allowed(report: ProxyReport): ReadonlySet<Needs> {
  const hasBody = report.seen.some((answer) => answer.contentType !== null && answer.status !== 204);
  const hasJson = report.seen.some((answer) => isGood(answer) && answer.isJson && answer.fields.length > 0);
  return new Set<Needs>([
    'connections',
    ...(report.answers > 0 ? (['answers'] as const) : []),
    ...(hasBody ? (['body'] as const) : []),
    ...(hasJson ? (['json'] as const) : []),
  ]);
}

/** The client passed, and the proxy saw nothing of it. */
function pastTheProxy(component: HttpComponent, report: ProxyReport | undefined): Unreachable[] {
  const seen = report?.bypassed?.connections ?? 0;
  const reason =
    seen > 0
      ? `the client talks to ${component.target} past the proxy`
      : `the client never talked to ${component.target} through the proxy`;
  return FAULTS.filter(({ isDemanded }) => isDemanded).map(({ word }) => ({
    fault: word,
    subject: null,
    isDemanded: true,
    reason,
    advice:
      'have the client use the port that it is given: $PORT, or by convention its first argument, instead of one of its own',
  }));
}

export const sabotage = defineSabotage<HttpComponent>({
  words: [...FAULTS.map(({ word }) => word), NEVER_READY, THRESHOLD, CHECK, ...CLAIM_WORDS],
  instrument: async (component, folder) => {
    const target = component.services.find(({ name }) => name === component.target);
    if (target?.port === null)
      return err({
        message: `${component.target} has no port that a proxy could stand before`,
        hint: 'give the service a `port`',
      });
    const claims = claimsOf(component);
    const isClaiming = claims !== undefined && claimFaults(claims).faults.length > 0;
    const instrumented = withFault(component, { type: 'none' });
    if (!isClaiming || instrumented.client.type !== 'command') return ok(instrumented);
    const client = { ...instrumented.client, command: withoutFault(claims, folder) };
    return ok({ ...instrumented, client });
  },
  derive: async (component, control): Promise<Faults> => {
    const report = reportOf(control);
    if (report === undefined || report.connections === 0)
      return { faults: [neverReady(component)], unreachable: pastTheProxy(component, report) };
    const possible = allowed(report);
    const seen = { answers: report.answers, median: report.medianMs ?? 0, durationMs: loadTimeOf(control) };
    const faults = FAULTS.filter(({ needs }) => possible.has(needs));
    const demanded = faults.filter(({ isDemanded }) => isDemanded);
    const others = faults.filter(({ isDemanded }) => !isDemanded);
    const put: Put = (fault, load) => ({
      sabotage: () => ({ ...withFault(component, fault), client: { type: 'load', load } }),
      reach: reachOf,
    });
    const claims = claimsOf(component);
    const ofCommand = claims === undefined ? NO_FAULTS : claimFaults(claims);
    const ofLoad = loadClaims(component, seen, put);
    const tried = (declared: Declared): Fault => faultOf(component, declared, seen);
    return {
      faults: [
        ...demanded.map(tried),
        ...ofLoad.faults,
        ...ofCommand.faults,
        ...others.map(tried),
        neverReady(component),
      ],
      unreachable: [...ofLoad.unreachable, ...ofCommand.unreachable],
    };
  },
});
