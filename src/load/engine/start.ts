import type { LoadPlan, LoadResult } from '../../core/load.ts';
import type { LoadFinding } from '../findings.ts';
import { findRate } from './capacity/find.ts';
import { type LoadHost, runLoad as send } from './run.ts';

/**
 * Carries out a load plan: sends a load and measures the responses, or does so at one rate after another until the
 * highest is found that holds.
 *
 * @returns the result, with a finding if the target refuses, lies or dies
 */
export const runLoad = (plan: LoadPlan, host: LoadHost): Promise<LoadResult<LoadFinding>> =>
  plan.findRate === null ? send(plan, host) : findRate(plan, plan.findRate, host);
