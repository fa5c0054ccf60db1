/** How long a run may be open, so that one without anybody ends as well: by the server alone. */
import type { LoadPlan } from '../core/load.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** For the server to be away, and for what takes longer than it should. */
const MARGIN = HOUR;
/** For users to log in. */
const PREPARING = HOUR;
/** For a number of requests that are not due at any time. */
const UNTIMED = 24 * HOUR;

/** @returns how long it sends at most, in milliseconds, as far as the plan says */
function sendingFor({ limit, model }: LoadPlan): number {
  if (limit.type === 'duration') return limit.duration;
  return model.type === 'open' ? (limit.requests / model.rate) * 1000 : UNTIMED;
}

/**
 * @param attendWithinMs that agents may take to come, in milliseconds
 * @returns milliseconds after which the server ends the run, whoever is there
 */
export function openFor(plan: LoadPlan, attendWithinMs: number): number {
  const { warmup, timeouts, scenario } = plan;
  const preparing = scenario === null ? 0 : PREPARING;
  return Math.ceil(attendWithinMs + preparing + warmup + sendingFor(plan) + timeouts.response + MARGIN);
}
