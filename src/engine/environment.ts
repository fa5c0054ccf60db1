import { delimiter } from 'node:path';
import type { Plan } from '../core/plan.ts';
import type { Environment } from '../core/suite.ts';

/** What every child of a run inherits: a default, ours, then the plan's, then what the setup exported. */
export function baseEnvironment(
  plan: Plan,
  inherited: NodeJS.ProcessEnv,
  exported: Environment,
): Environment {
  // A Python that crashes says where, and one that hangs can be asked.
  const env: Record<string, string> = { PYTHONFAULTHANDLER: '1' };
  for (const [name, value] of Object.entries(inherited)) if (value !== undefined) env[name] = value;
  env.PATH = [...plan.path, env.PATH ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter);
  return { ...env, ...plan.env, ...exported };
}
