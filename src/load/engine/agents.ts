/** What became of the machines that were to send a load together, and what that does to its result. */
import { nameFew } from '../../core/few.ts';
import type { LoadPlan, Threshold } from '../../core/load.ts';
import type { LoadAgent, LoadAgentFate } from '../../core/load-agent.ts';
import { metricOf, type Subject } from '../../core/metric.ts';
import { formatDuration, plural } from '../../core/units.ts';
import type { LoadFinding } from '../findings.ts';
import { precisionOf } from '../merge/fit.ts';
import type { LoadReport, PartReport } from '../merge/report.ts';
import { type GeneratorState, saturation } from './saturation.ts';

/** What became of a machine that was to send a part. */
export interface AgentFate extends Pick<LoadAgent, 'part' | 'name' | 'host' | 'cores' | 'fate'> {
  /** Of one that did not finish, why: `it was not heard of for 5 s`. */
  readonly why?: string;
}

/** How its generator did. @param refused requests that a target which left did not have sent any more */
export const stateOf = (
  { busiest, durationMs, maxLoopLagMs, serviceUs, paceUs, ...counts }: PartReport,
  { model }: LoadPlan,
  refused: number,
): GeneratorState => ({
  ...{ mode: model.type, busiest, durationMs, maxLoopLagMs, service: serviceUs, lateUs: paceUs },
  ...{ scheduled: counts.scheduled, neverSent: counts.neverSent - refused },
  ...{ inFlightAtEnd: counts.inFlightAtEnd, slots: counts.slots },
});

const UNHEARD = {
  ...{ threads: 0, sent: 0, achieved: 0, serviceUs: null },
  ...{ cpuMs: 0, busiest: 0, lateMs: 0, saturated: false },
};

/** What an agent has sent, as far as it is known, for those who read the result. */
export function agentOf(
  { why: _, ...known }: AgentFate,
  report: PartReport | undefined,
  plan: LoadPlan,
  refused: number,
): LoadAgent {
  if (report === undefined) return { ...known, ...UNHEARD };
  const { threads, scheduled, neverSent, answered, durationMs, serviceUs, cpuMs, busiest, lateMs } = report;
  return {
    ...known,
    ...{ threads, sent: scheduled - neverSent, serviceUs, cpuMs, busiest, lateMs },
    achieved: durationMs > 0 ? (answered / durationMs) * 1000 : 0,
    saturated: saturation(stateOf(report, plan, refused)).reasons.length > 0,
  };
}

/**
 * All agents that there should be. Whatever is said of one, without its last report it has not finished.
 *
 * @param told what is known of some or all of them
 */
export function fatesOf(told: readonly AgentFate[], parts: readonly PartReport[]): AgentFate[] {
  const places = [...told, ...parts].map(({ part }) => part + 1);
  const count = Math.max(1, ...places, ...parts.map(({ of }) => of));
  return Array.from({ length: count }, (_, part): AgentFate => {
    const known = told.find((each) => each.part === part);
    const agent = known ?? { part, name: `agent ${part + 1}`, cores: null, fate: 'missing' as const };
    const report = parts.find((each) => each.part === part);
    if (agent.fate !== 'finished' || report?.isFinal === true) return agent;
    return { ...agent, fate: report === undefined ? 'missing' : 'lost', why: 'its last report never came' };
  });
}

/** How many agents are named. */
const FEW = 4;

/** `a on build-7, part 2 (SIGTERM)`: there may be several of a name. One that never came has no other. */
function whoIs({ name, host, part, cores, why }: AgentFate): string {
  const at = host === undefined ? '' : ` on ${host}`;
  const which = cores === null ? name : `${name}${at}, part ${part + 1}`;
  return why === undefined ? which : `${which} (${why})`;
}

const named = (agents: readonly AgentFate[]): string => nameFew(agents.map(whoIs), FEW);

/** Whether it gave up what it had to send, though nobody broke a condition of `abortOn`. */
const gaveUp = (report: PartReport | undefined, isAborted: boolean): boolean =>
  report?.isFinal === true && report.ended === 'aborted' && !isAborted;

/**
 * What is wrong with the agents, so that a pass would prove nothing.
 *
 * @param isAborted whether a condition of `abortOn` held, which ends all of them early
 */
export function agentFindings(
  agents: readonly AgentFate[],
  parts: readonly PartReport[],
  isAborted: boolean,
): LoadFinding[] {
  const reportOf = ({ part }: AgentFate): PartReport | undefined => parts.find((each) => each.part === part);
  const of = (...fates: readonly LoadAgentFate[]): AgentFate[] =>
    agents.filter(({ fate }) => fates.includes(fate));
  const all = plural(agents.length, 'agent');
  const gone = of('missing', 'lost');
  const left = agents.filter((agent) => agent.fate === 'left' || gaveUp(reportOf(agent), isAborted));
  const late = agents.filter((agent) => (reportOf(agent)?.lateMs ?? 0) > 0);
  const lateMs = Math.max(0, ...late.map((agent) => reportOf(agent)?.lateMs ?? 0));
  const findings: LoadFinding[] = [];
  if (gone.length > 0)
    findings.push({
      code: 'agents-missing',
      message: `${agents.length - gone.length} of ${all} sent all of their part; not ${named(gone)}`,
      count: gone.length,
    });
  if (left.length > 0)
    findings.push({
      code: 'agent-ended-early',
      message: `${left.length} of ${all} ended before the load did: ${named(left)}`,
    });
  if (late.length > 0)
    findings.push({
      code: 'agent-late',
      message: `${late.length} of ${all} began late, by up to ${formatDuration(lateMs)}: ${named(late)}`,
      lateMs,
    });
  return findings;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** That not all of what was measured could be sent; none if it was. */
export function shortenedFindings(report: LoadReport): LoadFinding[] {
  if (report.shortened === 0) return [];
  const { whole, named } = precisionOf(report);
  const known = [
    ...(whole > 0 ? [`times are known to about ${percent(whole)}`] : []),
    ...(named > 0 && report.named.length > 0 ? [`those of each name to about ${percent(named)}`] : []),
    `${plural(report.failures.length, 'failure')} kept as evidence`,
  ];
  return [
    {
      code: 'result-shortened',
      message: `what the agents measured was too large to be sent whole: ${known.join(', ')}`,
    },
  ];
}

/** What grows with each part that is sent. */
const AMOUNTS: readonly Subject['type'][] = [
  ...(['requests', 'responses', 'rate', 'bytes'] as const),
  ...(['iterations', 'channel', 'failures'] as const),
];

/** Whether a threshold that is broken might hold if the missing parts had been sent as well: it demands more. */
function mightHold({ metric, operator, unit, value }: Threshold, actual: number | null): boolean {
  const about = metricOf(metric)?.about.type;
  if (about === undefined || !AMOUNTS.includes(about) || unit === 'us' || unit === 'share') return false;
  return operator === '>' || operator === '>=' || operator === '!=' || (actual ?? 0) < value;
}

/** How much is known of a load that is not whole. */
export interface Known {
  readonly hasRequests: boolean;
  /** Whether any request is known to have failed. */
  readonly hasFailures: boolean;
}

/**
 * A finding about a load that is not whole: what was measured shows that a threshold is broken, unless the missing parts could
 * mend it; that nothing was answered shows nothing, if nothing failed either.
 *
 * @returns none if it shows nothing
 */
export function ofParts(
  finding: LoadFinding,
  { thresholds }: LoadPlan,
  { hasRequests, hasFailures }: Known,
): LoadFinding | undefined {
  if (finding.code === 'zero-work') return hasFailures ? finding : undefined;
  if (finding.code === 'threshold-undecided') return hasRequests ? finding : undefined;
  if (finding.code !== 'threshold') return finding;
  const { expression, message, actual } = finding;
  const threshold = thresholds.find(({ text }) => text === expression);
  if (threshold === undefined || !mightHold(threshold, actual)) return finding;
  return {
    code: 'threshold-undecided',
    expression,
    message: `${message}; but not all agents have sent their part`,
  };
}
