/** Faults between a service and its client: a proxy changes the answers, or the service dies, or never comes up. */
import type { Finding } from '../../core/finding.ts';
import type { HttpFault, ProxyReport, SeenAnswer } from '../../core/http-fault.ts';
import type { LoadClient } from '../../core/load.ts';
import type { Reach } from '../../core/proof.ts';
import { err, ok } from '../../core/result.ts';
import type { Command, Probe, Service } from '../../core/suite.ts';
import { type Ms, ms, plural } from '../../core/units.ts';
import { CLAIM_WORDS, type Claimed, claimFaults, withoutFault } from '../common/claims.ts';
import {
  defineSabotage,
  type Fault,
  type Faults,
  type Sharing,
  type TrialRecord,
  type Unreachable,
} from '../sabotage.ts';
import type { HttpComponent } from './component.ts';
import { type Declared, FAULTS, type Needs, SERVER_DIES, type Seen } from './fault-list.ts';
import { asOneRate, forLateness, forSilence, type Pace, sharingOf, withoutPace } from './load-brief.ts';
import { CHECK, loadClaims, type Put, THRESHOLD } from './load-claims.ts';
import { isOfSuite, type Own, type Trial, targetOf, withDyingTarget, withOwnTarget } from './own-target.ts';
import { pastTheProxy, unread, withoutAlternative } from './unreachable.ts';

/** What the proxy saw of the client; undefined if it was never in use. */
function reportOf({ events }: TrialRecord): ProxyReport | undefined {
  const ended = events.findLast((event) => event.type === 'proxy-finished' && event.user === 'client');
  return ended?.type === 'proxy-finished' ? ended.report : undefined;
}

const NOTHING_SEEN: Pick<ProxyReport, 'connections' | 'bypassed'> = { connections: 0, bypassed: null };

/** How long a load was sent, in milliseconds; 0 if there was none. */
function loadTimeOf({ events }: TrialRecord): number {
  const ended = events.find((event) => event.type === 'load-finished');
  return ended?.type === 'load-finished' ? ended.load.durationMs : 0;
}

/** How long the service took to be ready, in milliseconds; 0 if that is not known. */
function readyTimeOf({ events }: TrialRecord, service: string): number {
  const ready = events.findLast((event) => event.type === 'service-ready' && event.service === service);
  return ready?.type === 'service-ready' ? ready.readyAfterMs : 0;
}

const NEVER_READY = 'never-ready';

/** Neither listens nor ends by itself. */
const IDLE: Command = { type: 'argv', argv: [process.execPath, '-e', 'setInterval(() => {}, 1 << 30)'] };
/** How many times as long as in the control a service is waited for that never comes. */
const READY_TIMES = 3;
/** In milliseconds. */
const LEAST_READY = 1000;

/** A client that could not even connect has not seen an answer. */
const NO_CONNECTION = /ECONNREFUSED|EADDRINUSE|connection refused|address already in use/i;

const FROM_CLIENT = new Set<Finding['code']>([
  ...(['exit-code', 'missing-output', 'forbidden-output', 'lost-error', 'failed-tests'] as const),
  ...(['unexpected-response', 'protocol-error', 'request-failed', 'steps-broken'] as const),
  ...(['threshold', 'zero-work'] as const),
]);

/** Whether a client's failure looks as if it had seen the fault. */
function isNoticed({ needs, word }: Declared, finding: Finding): boolean {
  if (word === SERVER_DIES) return finding.code === 'service-died' || FROM_CLIENT.has(finding.code);
  if (word === 'hang' || word === 'slow') return finding.code === 'timeout' || FROM_CLIENT.has(finding.code);
  if (!FROM_CLIENT.has(finding.code)) return false;
  return needs === 'connections' || !NO_CONNECTION.test(finding.message);
}

const withLoad = (component: HttpComponent, change: (load: LoadClient) => LoadClient): HttpComponent =>
  component.client.type === 'load'
    ? { ...component, client: { type: 'load', load: change(component.client.load) } }
    : component;

/** What fails in a trial is not to be saved in place of what failed in a run. */
const withoutSaving = (component: HttpComponent): HttpComponent =>
  withLoad(component, (load) => ({ ...load, saveFailures: null }));

/** The search for a rate takes minutes, and overloads what it is sent to: what its conditions notice shows at one rate. */
const withoutSearch = (component: HttpComponent): HttpComponent => withLoad(component, asOneRate);

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
  const where = report?.changedFields ?? [];
  return {
    ...{ changed: report?.changedBy.at(-1) ?? 0, of: report?.answers ?? 0, unit: 'answer' },
    ...(where.length === 0 ? {} : { where }),
  };
}

/** A condition that does not need the service holds as soon as in the control, and must not be cut off before. */
function neverReady({ component, inPlaceOf, isContained }: Own, readyAfter: number): Fault {
  const { client } = component;
  const within = Math.max(LEAST_READY, READY_TIMES * Math.ceil(readyAfter));
  const replace = (service: Service): Service =>
    service.name === component.target
      ? {
          ...service,
          command: IDLE,
          daemon: false,
          foreground: null,
          ready: isContained ? outside(service.ready) : service.ready,
          readyTimeout: ms(Math.min(service.readyTimeout, within)),
        }
      : service;
  return {
    fault: NEVER_READY,
    subject: null,
    isDemanded: false,
    sabotage: () => ({ ...component, services: component.services.map(replace) }),
    // A load without a server fails, however long that is waited for.
    ...(client.type === 'load' ? { sharing: sharingOf(client.load) } : { takes: ms(within) }),
    inPlaceOf,
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

/** A condition as it is for a command in place of a container: nothing of that says that it is well. */
function outside(probe: Probe): Probe {
  if (probe.type === 'healthy') return { type: 'port' };
  return probe.type === 'all' || probe.type === 'any'
    ? { ...probe, probes: probe.probes.map(outside) }
    : probe;
}

/** @param past how many connections of the client went past the proxy in the control, where no fault can happen to them */
function faultOf(
  { component: original, inPlaceOf, isLent }: Trial,
  declared: Declared,
  control: Seen,
  past: number,
): Fault {
  const { component, seen } = trialOf(original, declared, control);
  const fault = declared.fault(seen);
  return {
    fault: declared.word,
    subject: null,
    isDemanded: declared.isDemanded,
    sabotage: () => withFault(component, fault),
    ...{ inPlaceOf, isLent },
    sharing: sharing(component, declared),
    // A load waits no longer than its own time limits.
    ...(fault.type === 'hang' && component.client.type !== 'load' ? { hangs: true } : {}),
    ...(fault.type === 'latency' ? { takes: (fault.ms * seen.answers) as Ms } : {}),
    reach: reachOf,
    isNoticed: (finding) => isNoticed(declared, finding),
    deed: fault.type === 'latency' ? `every answer came ${fault.ms} ms late` : declared.deed,
    checker: 'client',
    advice:
      declared.word === SERVER_DIES
        ? adviceOf(declared, component)
        : notPast(past, adviceOf(declared, component)),
  };
}

const notPast = (past: number, advice: string): string =>
  past === 0
    ? advice
    : `${plural(past, 'connection')} went past the proxy and met no fault: have the client use the port that it is given, $PORT, for all requests; then ${advice}`;

/** A script may have conditions on time, whatever the fault; a load has none in these trials, unless its answers are late. */
const sharing = ({ client }: HttpComponent, { word }: Declared): Sharing | undefined =>
  client.type === 'load' && word !== 'slow' ? sharingOf(client.load) : undefined;

const adviceOf = ({ advice, adviceForLoad }: Declared, { client }: HttpComponent): string =>
  client.type === 'load' ? (adviceForLoad ?? advice) : advice;

/** Nothing breaks how a server ends: only what it answers is proved. */
const withoutDrain = ({ drain: _, ...component }: HttpComponent): HttpComponent => component;

/** What is wrong with answers shows on one machine, where the proxy is as well. */
const withoutAgents = (component: HttpComponent): HttpComponent =>
  withLoad(component, ({ agents: _, ...load }) => load);

const asOneLoad = (component: HttpComponent): HttpComponent =>
  withoutAgents(withoutSearch(withoutDrain(component)));

const NO_FAULTS: Faults = { faults: [], unreachable: [] };

const isGood = ({ status }: SeenAnswer): boolean => status >= 200 && status < 300;

/** Which faults the traffic allows. */
function allowed(report: ProxyReport): ReadonlySet<Needs> {
  const hasBody = report.seen.some(
    ({ contentType, isJson, status }) => isJson || (contentType !== null && status !== 204),
  );
  const hasJson = report.seen.some((answer) => isGood(answer) && answer.isJson && answer.fields.length > 0);
  return new Set<Needs>([
    'connections',
    ...(report.seen.length > 0 ? (['answers'] as const) : []),
    ...(hasBody ? (['body'] as const) : []),
    ...(hasJson ? (['json'] as const) : []),
  ]);
}

/** A fault of a service that others would meet as well. */
const withOthers = (fault: string, reason: string): Unreachable => ({
  fault,
  subject: null,
  isDemanded: false,
  reason,
  advice: 'nothing: it is listed so that you know',
});

export const sabotage = defineSabotage<HttpComponent>({
  words: [...FAULTS.map(({ word }) => word), NEVER_READY, THRESHOLD, CHECK, ...CLAIM_WORDS],
  baseline: asOneLoad,
  instrument: async (given, folder, { shared }) => {
    const component = asOneLoad(given);
    if (targetOf(component, shared)?.port === null)
      return err({
        message: `${component.target} has no port that a proxy could stand before`,
        hint: 'give the service a `port`',
      });
    const claims = claimsOf(component);
    const isClaiming = claims !== undefined && claimFaults(claims).faults.length > 0;
    const instrumented = withFault(withoutSaving(component), { type: 'none' });
    if (!isClaiming || instrumented.client.type !== 'command') return ok(instrumented);
    const client = { ...instrumented.client, command: withoutFault(claims, folder) };
    return ok({ ...instrumented, client });
  },
  otherwise: (component, control) => {
    const { connections, bypassed } = reportOf(control) ?? NOTHING_SEEN;
    const isPast = connections === 0 && (bypassed?.connections ?? 0) > 0;
    return isPast && component.client.type === 'command' ? { ...component, isApart: true } : undefined;
  },
  derive: async (given, control, { shared, readyAfter }): Promise<Faults> => {
    const component = asOneLoad(withoutSaving(given));
    const own = withOwnTarget(component, shared);
    const last = withDyingTarget(component, own, shared);
    const barred = [
      ...(typeof last === 'string' ? [withOthers(SERVER_DIES, last)] : []),
      ...(typeof own === 'string' ? [withOthers(NEVER_READY, own)] : []),
    ];
    const { target } = component;
    const took = isOfSuite(component) ? readyAfter(target) : readyTimeOf(control, target);
    const ofService = typeof own === 'string' ? [] : [neverReady(own, took)];
    const report = reportOf(control);
    if (report === undefined || report.connections === 0)
      return {
        faults: ofService,
        unreachable: pastTheProxy(component, report, control.obstacle),
      };
    const possible = allowed(report);
    const seen = { answers: report.answers, median: report.medianMs ?? 0, durationMs: loadTimeOf(control) };
    const futile = possible.has('body') ? withoutAlternative(report) : [];
    const isFutile = (word: string): boolean => futile.some(({ fault }) => fault === word);
    const isTried = (word: string): boolean =>
      !isFutile(word) && !(word === SERVER_DIES && typeof last === 'string');
    const faults = FAULTS.filter(({ needs, word }) => possible.has(needs) && isTried(word));
    const demanded = faults.filter(({ isDemanded }) => isDemanded);
    const others = faults.filter(({ isDemanded }) => !isDemanded);
    const put: Put = (fault, load) => ({
      sabotage: () => ({ ...withFault(component, fault), client: { type: 'load', load } }),
      reach: reachOf,
    });
    const claims = claimsOf(component);
    const ofCommand = claims === undefined ? NO_FAULTS : claimFaults(claims);
    const ofLoad = loadClaims(component, seen, put);
    const asItIs = { component, inPlaceOf: undefined, isLent: false };
    const tried = (declared: Declared): Fault =>
      faultOf(
        declared.word === SERVER_DIES && typeof last !== 'string' ? last : asItIs,
        declared,
        seen,
        report.bypassed?.connections ?? 0,
      );
    return {
      faults: [
        ...demanded.map(tried),
        ...ofLoad.faults,
        ...ofCommand.faults,
        ...others.map(tried),
        ...ofService,
      ],
      unreachable: [...unread(report), ...barred, ...ofLoad.unreachable, ...ofCommand.unreachable, ...futile],
    };
  },
});
