/** Faults that break exactly one claim of a load: a threshold, or the checks of one request of its mix. */
import type { Finding } from '../../core/finding.ts';
import type { HttpFault } from '../../core/http-fault.ts';
import type { LoadCheck, LoadClient, LoadRequest, Threshold } from '../../core/load.ts';
import { unitOf } from '../../core/load-channel.ts';
import type { LoadStep } from '../../core/load-scenario.ts';
import { metricOf } from '../../core/metric.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { type Ms, ms } from '../../core/units.ts';
import type { Fault, Faults, Unreachable } from '../sabotage.ts';
import type { HttpComponent } from './component.ts';
import { fewRounds, type Pace, sharingOf, shortened, slotsOf, withoutPace } from './load-brief.ts';

export const THRESHOLD = 'threshold';
export const CHECK = 'check';

/** How far beyond its limit a threshold is pushed. */
const BEYOND = 1.5;
/** In milliseconds: the least delay of an answer, if lateness is the fault. */
const LEAST_DELAY = 5;
/** As a fraction of the request timeout: a later answer would not count as one. */
const OF_TIMEOUT = 0.9;
/** Late answers for each connection: enough to measure, and affordable. */
const ROUNDS = 4;
/** In milliseconds: servers may close connections that idle longer than this, so none is reused. */
const LONG = 2000;

/** A fault that violates a threshold, how it does so, and how long that takes. */
interface Violation {
  readonly fault: HttpFault;
  readonly deed: string;
  readonly takes: Ms;
  readonly load: LoadClient;
}

/** A violation in which every answer is late. */
function late(load: LoadClient, wanted: number, pace: Pace, request?: LoadRequest): Violation {
  const delay = Math.ceil(Math.min(wanted, load.timeouts.response * OF_TIMEOUT));
  const rounds = delay > LONG ? 1 : ROUNDS;
  return {
    fault: { type: 'latency', ms: delay },
    deed: `every answer came ${delay} ms late`,
    takes: ms(delay * rounds),
    load: shortened(load, fewRounds(load, pace, rounds, request)),
  };
}

function withStatus(load: LoadClient, status: number, pace: Pace, request?: LoadRequest): Violation {
  return {
    fault: { type: 'status', status },
    deed: `every answer was ${status}`,
    takes: ms(0),
    load: withoutPace(load, pace, request),
  };
}

const FOR_LESS = new Set(['<', '<=', '==']);

/** @returns what violates a threshold; or why nothing between a service and a client can */
function violationOf(threshold: Threshold, load: LoadClient, pace: Pace): Result<Violation, string> {
  const { metric, operator, value } = threshold;
  if (unitOf(load.channel) === 'message')
    return err(
      `no fault between a service and its client changes single messages of a WebSocket, for ${threshold.text}`,
    );
  const about = metricOf(metric)?.about;
  const request = load.requests.find(({ name }) => name === threshold.name);
  const wantsLess = FOR_LESS.has(operator);
  if (about?.type === 'time' && about.clock !== 'sendLag' && wantsLess && about.measure !== 'stdev')
    return ok(late(load, LEAST_DELAY + (value / 1000) * BEYOND, pace, request));
  if (about?.type === 'rate' && metric === 'rate' && !wantsLess && value > 0)
    return ok(late(load, LEAST_DELAY + ((1000 * slotsOf(load)) / value) * BEYOND, pace, request));
  if (about?.type === 'failures' && wantsLess && ['errors', 'failed', 'failed.check'].includes(metric))
    return ok(withStatus(load, 500, pace, request));
  if (metric === 'completed' && !wantsLess) return ok(withStatus(load, 500, pace, request));
  if (about?.type === 'responses') {
    const status = Number(metric.replace('status.', '').replaceAll('x', '0'));
    if (wantsLess) return ok(withStatus(load, status, pace, request));
    return ok(withStatus(load, status === 500 ? 503 : 500, pace, request));
  }
  return err(`no fault between a service and its client is known that would break ${threshold.text}`);
}

/** Which answers to change, so that those to one request are. */
function matchOf({ path, method }: LoadRequest): { method: string; path?: string } {
  const [plain = ''] = path.split('?');
  return { method, ...(plain.includes('{{') ? {} : { path: plain }) };
}

/** The requests of some steps. */
const requestsOf = (steps: readonly LoadStep[], { requests }: LoadClient): LoadRequest[] =>
  steps.flatMap(({ request }) => requests[request] ?? []);

/** Where no user gets in, no threshold is tried: a wrong status comes only after that, on one of the steps. */
function sparingLogin(fault: HttpFault, { name }: Threshold, load: LoadClient): Pick<HttpFault, 'match'> {
  const { scenario } = load;
  if (scenario === null || scenario.before.length === 0 || fault.type !== 'status') return {};
  const logins = requestsOf(scenario.before, load);
  const isApart = (request: LoadRequest): boolean =>
    logins.every(({ method, path }) => method !== request.method || !/\{\{/.test(request.path + path)) &&
    !logins.some(({ method, path }) => method === request.method && path === request.path);
  const step = requestsOf(scenario.steps, load).find(
    (request) => (name === null || name === request.name) && isApart(request),
  );
  return step === undefined ? {} : { match: matchOf(step) };
}

/** Whether a fault must spare requests, or meet only some, so that it has to know them. */
const isAside = ({ fault }: Violation, { name }: Threshold, { scenario }: LoadClient): boolean =>
  name !== null || (fault.type === 'status' && scenario !== null && scenario.before.length > 0);

/** The part of a fault that is only its name. */
const named = (fault: string, subject: string) => ({ fault, subject }) as const;

function thresholdFault(
  threshold: Threshold,
  load: LoadClient,
  pace: Pace,
  put: Put,
): Result<Fault, Unreachable> {
  const name = named(THRESHOLD, threshold.text);
  const violation = violationOf(threshold, load, pace);
  if (!violation.ok)
    return err({
      ...name,
      isDemanded: false,
      reason: violation.error,
      advice: 'nothing: it is listed so that you know',
    });
  if (load.scenario?.order === 'function' && isAside(violation.value, threshold, load))
    return err({
      ...name,
      isDemanded: false,
      reason: `which requests a function of steps makes is not known ahead, so none can be changed for ${threshold.text} alone`,
      advice: 'nothing: it is listed so that you know',
    });
  const { fault, deed, takes, load: short } = violation.value;
  return ok({
    ...name,
    isDemanded: true,
    ...put({ ...fault, ...sparingLogin(fault, threshold, load) }, short),
    takes,
    isNoticed: (finding: Finding) =>
      finding.code === 'threshold' && finding.expression.trim() === threshold.text,
    deed,
    checker: threshold.text,
    advice: 'see whether its unit and its number are what you mean: as it is, it can hardly fail',
  });
}

/** A fault that the checks must not let pass. */
function breaking(checks: readonly LoadCheck[]): { action: HttpFault; deed: string } | undefined {
  const types = new Set(checks.map(({ type }) => type));
  if (types.has('body') || types.has('json') || types.has('length'))
    return { action: { type: 'empty-body' }, deed: 'had no body' };
  if (checks.some((check) => check.type === 'header' && check.name.toLowerCase() === 'content-type'))
    return { action: { type: 'content-type' }, deed: 'had another content type' };
  return types.has('status') ? { action: { type: 'status', status: 500 }, deed: 'was 500' } : undefined;
}

/** The findings of a check that does not let something pass; and those where that kept users out. */
const NOTICED: readonly string[] = ['unexpected-response', 'protocol-error', 'threshold'];
const LOCKED_OUT: readonly string[] = ['users-locked-out', 'zero-work'];

function checkFault(request: LoadRequest, load: LoadClient, pace: Pace, put: Put): Fault[] {
  const broken = breaking(request.checks);
  if (broken === undefined) return [];
  const isBefore = requestsOf(load.scenario?.before ?? [], load).includes(request);
  return [
    {
      ...named(CHECK, request.name),
      isDemanded: true,
      ...put({ ...broken.action, match: matchOf(request) }, withoutPace(load, pace, request)),
      sharing: sharingOf(load),
      isNoticed: ({ code }) => NOTICED.includes(code) || (isBefore && LOCKED_OUT.includes(code)),
      deed: `every answer to ${request.name} ${broken.deed}`,
      checker: 'client',
      advice: `give the request ${request.name} a check of its own: expect: { … }`,
    },
  ];
}

/** What is sent in every run: of users, not what they send on a status only. */
const regularly = (load: LoadClient): readonly LoadRequest[] =>
  load.scenario === null
    ? load.requests
    : requestsOf([...load.scenario.before, ...(load.next === undefined ? load.scenario.steps : [])], load);

/** Puts a fault and a load into the component. */
export type Put = (fault: HttpFault, load: LoadClient) => Pick<Fault, 'sabotage' | 'reach'>;

/** One fault for each threshold, and for each request of a mix. */
export function loadClaims({ client }: HttpComponent, pace: Pace, put: Put): Faults {
  if (client.type !== 'load') return { faults: [], unreachable: [] };
  const { load } = client;
  const results = load.thresholds.map((threshold) => thresholdFault(threshold, load, pace, put));
  const thresholds = results.flatMap((result) => (result.ok ? [result.value] : []));
  const unreachable = results.flatMap((result) => (result.ok ? [] : [result.error]));
  const mix = load.requests.length < 2 ? [] : regularly(load);
  return {
    faults: [...thresholds, ...mix.flatMap((request) => checkFault(request, load, pace, put))],
    unreachable,
  };
}
