/** Whether events that were read can be what they say. What a verdict depends on is looked at closely. */
import type { RunEvent, Stamped } from '../../core/event.ts';
import type { Shard } from '../../core/shard.ts';
import { FINDINGS } from '../../kinds/index.ts';

const isText = (value: unknown): value is string => typeof value === 'string';
const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isOneOf = (value: unknown, ...all: readonly string[]): boolean => isText(value) && all.includes(value);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isListOf = (value: unknown, isSound: (each: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isSound);

export const isFinding = (value: unknown): boolean =>
  isObject(value) && isText(value.code) && Object.hasOwn(FINDINGS, value.code) && isText(value.message);
const areFindings = (value: unknown): boolean => isListOf(value, isFinding);
const isVerdict = (value: unknown): boolean => isOneOf(value, 'passed', 'failed', 'inconclusive', 'skipped');

type Check = (event: Readonly<Record<string, unknown>>) => boolean;

/** Of events that are not here, the form is all that a report could stumble over. */
const CHECKS: { readonly [T in RunEvent['type']]?: Check } = {
  'run-refused': ({ diagnostics }) => isListOf(diagnostics, (each) => isObject(each) && isText(each.message)),
  finding: ({ component, finding }) => isText(component) && isFinding(finding),
  'run-note': ({ finding }) => isFinding(finding),
  'setup-finished': ({ step, outcome, durationMs, findings }) =>
    isText(step) &&
    isOneOf(outcome, 'done', 'cached', 'failed') &&
    isTime(durationMs) &&
    areFindings(findings),
  'teardown-finished': ({ step, kind, outcome, durationMs, findings }) =>
    isText(step) &&
    isText(kind) &&
    isOneOf(outcome, 'done', 'failed') &&
    isTime(durationMs) &&
    areFindings(findings),
  'shared-finished': ({ shared, outcome, durationMs, findings }) =>
    isText(shared) &&
    isOneOf(outcome, 'ended', 'done', 'cached', 'failed') &&
    isTime(durationMs) &&
    areFindings(findings),
  'component-started': ({ component, attempt }) => isText(component) && isCount(attempt),
  'component-skipped': ({ component, reason }) => isText(component) && isText(reason),
  'component-finished': ({ component, verdict, attempts, durationMs }) =>
    isText(component) && isVerdict(verdict) && isCount(attempts) && isTime(durationMs),
  interrupted: ({ signal }) => isText(signal),
  history: ({ runs, components }) =>
    isListOf(runs, (run) => isObject(run) && isText(run.run) && isText(run.startedAt)) &&
    isObject(components) &&
    Object.values(components).every((past) => isListOf(past, (each) => each === null || isObject(each))),
  'run-finished': ({ verdict, exitCode, durationMs }) =>
    isVerdict(verdict) && isCount(exitCode) && isTime(durationMs),
};

export function isSoundEvent(event: Stamped): boolean {
  const check = CHECKS[event.type];
  return isCount(event.seq) && isTime(event.elapsedMs) && check?.({ ...event }) !== false;
}

const isSource = (value: unknown): boolean =>
  isObject(value) &&
  ((value.type === 'config' && isText(value.file)) ||
    (value.type === 'convention' && isText(value.dir)) ||
    (value.type === 'package' && isText(value.spec)) ||
    (value.type === 'packages' && isText(value.list)));

const isPlanned = (value: unknown): boolean =>
  isObject(value) &&
  isText(value.name) &&
  isText(value.kind) &&
  (value.cwd === undefined || isText(value.cwd)) &&
  (value.likeness === undefined || isText(value.likeness));

const isDealt = (value: unknown): boolean =>
  isObject(value) && isText(value.name) && isText(value.kind) && isCount(value.shard);

const isShard = ({ plan, number, of, deal, build }: Shard): boolean =>
  isText(plan) &&
  isCount(number) &&
  isCount(of) &&
  number >= 1 &&
  number <= of &&
  of <= 1000 &&
  isListOf(deal, isDealt) &&
  new Set(deal.map(({ name }) => name)).size === deal.length &&
  (build === undefined || isText(build));

/** Whether it is the start of the shard that it says it is: it runs what was dealt to it, and nothing else. */
export function isSoundStart(event: Extract<RunEvent, { type: 'run-started' }>, shard: Shard): boolean {
  const { run, version, suite, root, startedAt, ownership, components, source } = event;
  if (![run, version, suite, root, startedAt].every(isText) || !isObject(ownership)) return false;
  if (!isSource(source) || !isObject(shard) || !isShard(shard)) return false;
  if (!Number.isFinite(Date.parse(startedAt))) return false;
  const own = shard.deal.filter((dealt) => dealt.shard === shard.number);
  return (
    isListOf(components, isPlanned) &&
    components.length === own.length &&
    components.every(({ name }, at) => name === own[at]?.name)
  );
}
