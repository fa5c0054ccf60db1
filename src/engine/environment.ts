import { delimiter } from 'node:path';
import type { Plan } from '../core/plan.ts';
import type { Environment } from '../core/suite.ts';

/** What children inherit, in ascending precedence: a default, our environment, the plan's, the setup's exports. */
export function baseEnvironment(
  plan: Plan,
  inherited: NodeJS.ProcessEnv,
  exported: Environment,
): Environment {
  // Makes Python print a traceback when it crashes, and on request when it hangs.
  const env: Record<string, string> = { PYTHONFAULTHANDLER: '1' };
  for (const [name, value] of Object.entries(inherited)) if (value !== undefined) env[name] = value;
  env.PATH = [...plan.path, env.PATH ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter);
  return { ...env, ...plan.env, ...exported };
}
