/** `--shard`: the part of a plan that is run here, dealt by how long components took before. */
import { comparePast, PAST_RUNS, type PastComponent } from '../core/history.ts';
import type { Plan } from '../core/plan.ts';
import { secrets } from '../core/secrets.ts';
import type { ShardChoice } from '../core/shard.ts';
import { shardOf } from '../plan/shard.ts';
import { pastRuns } from '../store/past-runs.ts';
import { suiteIn } from '../store/run-line.ts';

/**
 * How long the components of a plan usually take, in milliseconds, by the history of its suite. Runs of single shards do not count
 * until they are put together, so that several shards that run one after another in one folder come to the same.
 */
function usualDurations({ components, root, source }: Plan): Map<string, number> {
  const past = new Map<string, PastComponent[]>();
  const whole = pastRuns(root, suiteIn({ root, source })).filter(({ isShard }) => isShard !== true);
  for (const line of whole.slice(-PAST_RUNS))
    for (const { name, verdict, ...times } of line.components)
      if (verdict !== 'skipped') past.set(name, [...(past.get(name) ?? []), { verdict, ...times }]);
  return new Map(
    components.flatMap(({ component: { name } }) => {
      const usual = comparePast(null, past.get(secrets.conceal(name)) ?? [])?.medianMs ?? null;
      return usual === null ? [] : [[name, usual] as const];
    }),
  );
}

/** The pipeline of GitHub or GitLab that all jobs of a build have in common, also those that are run again. */
function buildIn(env: NodeJS.ProcessEnv): string | undefined {
  if (env.GITHUB_RUN_ID) return `GitHub ${env.GITHUB_RUN_ID}`;
  return env.CI_PIPELINE_ID ? `GitLab ${env.CI_PIPELINE_ID}` : undefined;
}

/**
 * @param plan the whole
 * @param choice undefined: all of it is run here
 */
export function takeShard(plan: Plan, choice: ShardChoice | undefined, env = process.env): Plan {
  if (choice === undefined) return plan;
  const part = shardOf(plan, choice, usualDurations(plan));
  const build = buildIn(env);
  return build === undefined || part.shard === undefined
    ? part
    : { ...part, shard: { ...part.shard, build } };
}
