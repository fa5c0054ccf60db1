/** Turns a recording into the steps of a load. Pure. */
import { type Exchange, isJsonType } from './archive.ts';
import { type Capture, type Flow, follow, type Recorded, recorded } from './flow.ts';
import { keptHeaders } from './headers.ts';
import { nameSteps } from './names.ts';
import { Phrase } from './phrase.ts';
import { type Fill, type RenderedRequest, renderRequest } from './render.ts';
import { hideSecrets, isPassword } from './secrets.ts';
import type { Slot } from './slots.ts';

export interface Step extends RenderedRequest {
  readonly name: string;
  readonly method: string;
  readonly captures: readonly Capture[];
  /** As recorded. */
  readonly status: number;
  readonly isJson: boolean;
}

export interface Steps {
  /** What logs a user in; empty if the recording does not. */
  readonly before: readonly Step[];
  readonly steps: readonly Step[];
  /** Left out: they would end the session, or are the end of one. */
  readonly logouts: number;
  readonly expired: number;
  /** The variables that take the place of secrets. */
  readonly variables: readonly string[];
  /** The median pause between steps, in milliseconds; 0 if it is not known, or too short to matter. */
  readonly pauseMs: number;
}

const IDEMPOTENCY = /^(?:x-)?idempotency-key$/i;
const LOGOUT = /(?:^|\/)(?:log|sign)[-_]?(?:out|off)\/?$/i;

const isLogout = ({ method, url }: Exchange): boolean =>
  LOGOUT.test(url.pathname) || (method === 'DELETE' && /\/sessions?(?:\/[^/]+)?\/?$/i.test(url.pathname));

/** A second password, a code, or an exchange for a token may follow within so many requests. */
const NEAR = 5;

/** @returns how many of the steps log in */
function loginLength(steps: readonly Recorded[], { filled }: Flow): number {
  const asks = (step: Recorded | undefined): boolean =>
    step?.exchange.method !== 'GET' && step?.slots.some(isPassword) === true;
  let last = steps.findIndex(asks);
  if (last === -1) return 0;
  for (let at = last + 1; at <= last + NEAR; at += 1)
    if (asks(steps[at]) && !/change|reset/i.test(steps[at]?.exchange.url.pathname ?? '')) last = at;
  // Then what the answer led to, and what brought the first token that is used.
  while (isRedirect(steps[last]) && isRedirected(steps[last], steps[last + 1])) last += 1;
  const token = steps
    .slice(last + 1)
    .flatMap(({ slots }) => slots)
    .find((slot) => slot.where === 'header' && slot.scheme !== '' && filled.has(slot));
  const from = token === undefined ? undefined : filled.get(token)?.from;
  return (from !== undefined && from > last && from <= last + NEAR ? from : last) + 1;
}

const isRedirect = (step: Recorded | undefined): boolean =>
  step !== undefined && step.exchange.status >= 300 && step.exchange.status < 400;

function isRedirected(from: Recorded | undefined, to: Recorded | undefined): boolean {
  const [, place] = from?.exchange.answerHeaders.find(([name]) => name.toLowerCase() === 'location') ?? [];
  if (place === undefined || from === undefined || to === undefined) return false;
  return (
    URL.canParse(place, from.exchange.url.href) &&
    new URL(place, from.exchange.url).href === to.exchange.url.href
  );
}

/** A key that a server has seen before makes it repeat its answer: each iteration has one of its own. */
function withOwnKeys(step: Step, index: number, isLogin: boolean): Step {
  const own = new Phrase(`${step.name}-${index}-{{user}}${isLogin ? '' : '-{{counter}}'}`);
  const headers = step.headers.map(([name, value]) => [name, IDEMPOTENCY.test(name) ? own : value] as const);
  return { ...step, headers };
}

/** Pauses shorter than this are those of a program. */
const SHORTEST_PAUSE = 50;
const LONGEST_PAUSE = 600_000;

function medianPause(exchanges: readonly Exchange[]): number {
  const pauses = exchanges
    .slice(1)
    .map(({ startedMs }, index) => {
      const before = exchanges[index];
      return before === undefined ? 0 : startedMs - before.startedMs - before.tookMs;
    })
    .filter((pause) => Number.isFinite(pause))
    .sort((one, other) => one - other);
  const median = pauses[Math.floor(pauses.length / 2)] ?? 0;
  return median >= SHORTEST_PAUSE && median <= LONGEST_PAUSE ? Math.round(median) : 0;
}

/** @param kept what is worth repeating, in its order */
export function toSteps(kept: readonly Exchange[]): Steps {
  const first = kept.map((exchange) => recorded(exchange, keptHeaders(exchange)));
  const loginOfAll = loginLength(first, follow(first));
  const isExpired = ({ exchange }: Recorded, index: number): boolean =>
    loginOfAll > 0 && index >= loginOfAll && exchange.status === 401;
  const expired = first.filter(isExpired);
  const logouts = loginOfAll === 0 ? [] : first.filter(({ exchange }) => isLogout(exchange));
  const all = first.filter((each) => !expired.includes(each) && !logouts.includes(each));
  const flow = follow(all);
  const hidden = hideSecrets(all, flow);
  const fills = new Map<Slot, Fill>([
    ...[...flow.filled].map(([slot, filled]) => [slot, { type: 'captured', ...filled }] as const),
    ...[...hidden].map(([slot, variable]) => [slot, { type: 'secret', variable }] as const),
  ]);
  const rendered = all.map((each) => renderRequest(each, fills));
  const names = nameSteps(all, rendered, ({ slots }, segment) =>
    slots.some((slot) => slot.at === `path:${segment}` && flow.filled.has(slot)),
  );
  const steps = rendered.map((request, index): Step => {
    const { method, status, answerType } = (all[index] as Recorded).exchange;
    // Not asked whether it has changed, the server answers in full.
    const expected = status === 304 ? 200 : status;
    return {
      ...request,
      ...{ name: names[index] ?? method, method, captures: flow.captures[index] ?? [] },
      ...{ status: expected, isJson: status !== 304 && isJsonType(answerType) },
    };
  });
  const login = loginLength(all, flow);
  // A recording of a login alone is about the login.
  const split = login === steps.length ? 0 : login;
  return {
    before: steps.slice(0, split).map((step, index) => withOwnKeys(step, index, true)),
    steps: steps.slice(split).map((step, index) => withOwnKeys(step, index, false)),
    ...{ logouts: logouts.length, expired: expired.length },
    variables: [...new Set(hidden.values())],
    pauseMs: medianPause(all.slice(split).map(({ exchange }) => exchange)),
  };
}
