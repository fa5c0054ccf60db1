import { isLoopback, unbracketed } from '../../core/address.ts';
import type { Finding } from '../../core/finding.ts';
import { hostOfJoin } from '../../core/join.ts';
import type { LoadClient, LoadPlan, LoadRequest, LoadResult, LoadWindow } from '../../core/load.ts';
import { type LoadAgents, showAgents } from '../../core/load-agent.ts';
import { mapRequests } from '../../core/load-requests.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { stopReason, timedOut } from '../../core/stop-reason.ts';
import { plural, withShortNumbers } from '../../core/units.ts';
import type { SendHost } from '../../distributed/send.ts';
import type { LoadFinding } from '../../load/findings.ts';
import { type Departing, type LoadHost, runLoad } from '../../load/index.ts';
import { nameInConfig } from '../../load/options/index.ts';
import { describeLoad } from '../../load/report/brief.ts';
import { levelLine, loadText, preparingText, progressText } from '../../load/report/index.ts';
import { sampleTree } from '../../process/system/resources.ts';
import { servedAddresses } from '../../process/system/sockets.ts';
import { createPaint } from '../../text/paint.ts';
import type { ComponentContext } from '../common/context.ts';
import type { DrainTest } from './drain.ts';

const CONNECT_WITHIN = 1000;
const PLAIN = createPaint(false);

/** Where the service is reached. */
export interface ServicePlace {
  /** Null if it has a unix socket instead. */
  readonly port: number | null;
  /** An address of this machine; undefined: localhost. */
  readonly host?: string | undefined;
  /** The whole address of one that is already there, with a path and credentials if it has them. */
  readonly url?: string | undefined;
}

const hasAuthorization = ({ headers }: LoadRequest): boolean =>
  headers.some(([name]) => name.toLowerCase() === 'authorization');

/** What is sent, whoever sends it. */
type Alone = Omit<LoadClient, 'agents'>;

/** The same requests to a base URL: below its path, and with its credentials unless they have their own. */
function planAt({ scheme: _, route, ...load }: Alone, base: string): LoadPlan {
  const { origin, pathname, username, password } = new URL(base);
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const credentials: LoadRequest['headers'] =
    user === ':' ? [] : [['Authorization', `Basic ${Buffer.from(user).toString('base64')}`]];
  const there = mapRequests(load, (request) => ({
    ...request,
    path: `${pathname.replace(/\/$/, '')}${request.path}`,
    headers: hasAuthorization(request) ? request.headers : [...credentials, ...request.headers],
  }));
  return { ...there, target: { url: origin, ...route } };
}

/** Fills in where the service listens now. */
async function planOf(client: Alone, { port, host, url: base }: ServicePlace): Promise<LoadPlan> {
  if (base !== undefined) return planAt(client, base);
  const { scheme, route, ...load } = client;
  const url = `${scheme}://localhost${port === null ? '' : `:${port}`}`;
  if (port === null || route.unixSocket !== null || route.address !== null)
    return { ...load, target: { url, ...route } };
  // Not resolved by name: that may give one address family while the server listens on the other.
  const [address = '127.0.0.1'] = host === undefined ? await servedAddresses(port, CONNECT_WITHIN) : [host];
  return { ...load, target: { url, ...route, address } };
}

/** The path of the only request, or what is sent instead. */
function whatOf({ requests, scenario }: LoadPlan): string {
  const [{ path }] = requests;
  if (scenario?.order === 'function') return '/ (steps by a function)';
  if (scenario !== null) return `/ (${plural(scenario.steps.length, 'step')})`;
  return requests.length > 1 ? `/ (${plural(requests.length, 'request')} mixed)` : path;
}

function describe(plan: LoadPlan, agents: LoadAgents | undefined): string {
  const what = whatOf(plan);
  const by = agents === undefined ? '' : ` from ${showAgents(agents)}`;
  return `load ${plan.target.url}${what}${by}: ${describeLoad(plan)}`;
}

/** Says in one line what the client does now. */
const tellerOf =
  ({ component, emit }: ComponentContext) =>
  (lastLine: string): void =>
    emit({ type: 'output', component, step: 'client', lastLine });

/** Reports each second, and progress line by line: of a search for a rate each rate, of any other load each second. */
function progressOf(
  plan: LoadPlan,
  context: ComponentContext,
): Pick<LoadHost, 'onPreparing' | 'onLevel'> & { readonly onWindow: (window: LoadWindow) => void } {
  const { component } = context;
  const tell = tellerOf(context);
  const windows: LoadWindow[] = [];
  const { limit, warmup, findRate, departure } = plan;
  const isKnown = limit.type === 'duration' && findRate === null && departure === undefined;
  const limitMs = isKnown ? warmup + limit.duration : null;
  tell(describeLoad(plan));
  const record = (window: LoadWindow): void => {
    // An hour has 3,600 of them, in every journal and report.
    context.emit({
      type: 'load-window',
      component,
      step: 'client',
      window: withShortNumbers(window),
      limitMs,
    });
  };
  if (findRate !== null)
    return { onWindow: record, onLevel: (level) => tell(levelLine(level, PLAIN).trimStart()) };
  return {
    onPreparing: (isIn) => tell(preparingText(plan, isIn)),
    onWindow: (window) => {
      record(window);
      windows.push(window);
      tell(progressText(windows, plan, PLAIN));
    },
  };
}

/** An agent on another machine would send to itself, and try whatever listens there. */
function whyOutOfReach({ target }: LoadPlan, { join }: LoadAgents): Finding | undefined {
  const { hostname } = new URL(target.url);
  const host = target.address ?? unbracketed(hostname);
  if (!isLoopback(host) || isLoopback(hostOfJoin(join) ?? '')) return undefined;
  return {
    code: 'agents-refused',
    step: 'client',
    message: `the service is reached at ${host} only, which is another machine for agents that meet at ${join}`,
    hint: 'have it listen on an address that they reach, and give that as `connectTo`',
  };
}

/** Has agents send it. What that takes is loaded only now. */
async function sendTogether(
  plan: LoadPlan,
  agents: LoadAgents,
  host: Pick<SendHost, 'version' | 'signal' | 'onWindow' | 'onStart' | 'sampleTarget'>,
  context: ComponentContext,
): Promise<LoadResult<LoadFinding>> {
  const { sendFromAgents } = await import('../../distributed/send.ts');
  const tell = tellerOf(context);
  return sendFromAgents(plan, agents, {
    ...host,
    nameOf: (word) => nameInConfig(['agents', word]),
    abandon: context.hurry,
    onRemark: (remark) => {
      if (remark !== undefined) tell(remark);
    },
  });
}

/**
 * The built-in client as a step of a component: it sends, checks every response, measures, and judges.
 *
 * @param pid of the service under load, whose processes' resource use is measured too; null if it is not of this run
 * @param drain tells the service in mid-load that it is to stop, or to restart
 */
export async function runLoadClient(
  load: LoadClient,
  place: ServicePlace,
  pid: number | null,
  context: ComponentContext,
  drain?: DrainTest,
): Promise<Finding[]> {
  const { component, clock } = context;
  const { agents, ...alone } = load;
  const startedAt = clock.now();
  const told = await planOf(alone, place);
  const plan = drain?.planOf(told, agents !== undefined) ?? told;
  const elsewhere = agents && whyOutOfReach(plan, agents);
  if (elsewhere !== undefined) return [elsewhere];
  const host = {
    ...{ version: context.version, signal: context.signal },
    ...(pid === null ? {} : { sampleTarget: () => sampleTree(pid) }),
    ...progressOf(plan, context),
    ...(drain === undefined ? {} : { onStart: (load: Departing) => drain.start(load, plan) }),
  };
  const result =
    agents === undefined ? await runLoad(plan, host) : await sendTogether(plan, agents, host, context);
  const drained = await drain?.conclude(result);
  const durationMs = clock.now() - startedAt;
  const command = describe(plan, agents);
  const lines = [command, '', ...loadText(result, PLAIN, true), ...(drained?.lines ?? [])];
  context.log.write('client', Buffer.from(`${lines.join('\n')}\n`));
  const { version: _, windows: __, verdict: ___, findings: ____, ...summary } = result;
  context.emit({ type: 'load-finished', component, step: 'client', load: summary });
  context.emit({
    type: 'step-finished',
    component,
    step: 'client',
    command,
    exitCode: null,
    signal: null,
    durationMs,
    lines: lines.length,
  });
  return judge([...result.findings, ...(drained?.findings ?? [])], await context.snapshot(), context);
}

function judge(
  findings: readonly Finding[],
  snapshot: Snapshot | undefined,
  context: ComponentContext,
): Finding[] {
  const reason = stopReason(context.signal);
  if (reason?.type === 'timeout' && snapshot !== undefined)
    return [{ ...timedOut('the client', reason.limit, snapshot), step: 'client' }];
  if (reason !== undefined) return [];
  return findings.map((finding) => ({ step: 'client', ...finding }));
}
