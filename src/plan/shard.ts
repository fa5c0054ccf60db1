/** Deals the components of a plan to several runs, each on a machine of its own. Pure: no I/O. */
import type { Plan, PlannedComponent } from '../core/plan.ts';
import { secrets } from '../core/secrets.ts';
import type { Dealt, Shard, ShardChoice } from '../core/shard.ts';
import { closureOf } from '../core/shared.ts';
import { quickHash } from '../files/hash.ts';

/** Components that are run on one machine: each may only run once those that it needs have passed. */
interface Group {
  readonly names: readonly string[];
  /** How long it takes, in milliseconds, or in components if nothing is known. */
  readonly weight: number;
}

/** In the order of the plan, by their first components. */
function groupsOf(components: readonly PlannedComponent[], weightOf: (name: string) => number): Group[] {
  const heads = new Map<string, string>();
  const headOf = (name: string): string => {
    let head = name;
    for (let above = heads.get(head); above !== undefined; above = heads.get(head)) head = above;
    return head;
  };
  for (const { component, after } of components)
    for (const needed of after) {
      const [one, other] = [headOf(component.name), headOf(needed)];
      if (one !== other) heads.set(one, other);
    }
  const groups = new Map<string, string[]>();
  for (const { component } of components) {
    const head = headOf(component.name);
    groups.set(head, [...(groups.get(head) ?? []), component.name]);
  }
  return [...groups.values()].map((names) => ({
    names,
    weight: names.reduce((sum, name) => sum + weightOf(name), 0),
  }));
}

/** What is not known is taken to be like the others. */
function weigher(
  components: readonly PlannedComponent[],
  durations: ReadonlyMap<string, number>,
): (name: string) => number {
  const known = components.flatMap(({ component }) => durations.get(component.name) ?? []);
  const mean = known.length === 0 ? 1 : known.reduce((sum, each) => sum + each, 0) / known.length;
  return (name) => durations.get(name) ?? mean;
}

/**
 * The longest first, each to whoever has least to do by then; of equals, to whoever has fewest. It depends on its arguments alone,
 * so that whoever has the same comes to the same.
 *
 * @param durations by component, in milliseconds; what is not in it is taken to be like the others
 * @param of how many parts there are
 * @returns the number of the part of each component, by its name
 */
export function deal(
  components: readonly PlannedComponent[],
  durations: ReadonlyMap<string, number>,
  of: number,
): Map<string, number> {
  const parts = Array.from({ length: of }, (_, at) => ({ number: at + 1, weight: 0, count: 0 }));
  const dealt = new Map<string, number>();
  const groups = groupsOf(components, weigher(components, durations));
  for (const { names, weight } of groups.toSorted((one, other) => other.weight - one.weight)) {
    const [least] = parts.toSorted((one, other) => one.weight - other.weight || one.count - other.count);
    if (least === undefined) break;
    least.weight += weight;
    least.count += names.length;
    for (const name of names) dealt.set(name, least.number);
  }
  return dealt;
}

/** Environments often have something that is new on each machine, and a service that is already there may be another on each. */
const common = (plan: Plan) => ({
  ...{ source: plan.source, memory: plan.memory, repeat: plan.repeat, seed: plan.seed },
  ...{ setup: plan.setup, teardown: plan.teardown, components: plan.components },
  shared: plan.shared.map((each) => (each.type === 'external' ? each.name : each)),
});

/** The same wherever the project is checked out; and not even a trace of a secret is left. */
function hashOf(plan: Plan, dealt: readonly Dealt[]): string {
  const withoutEnv = (key: string, value: unknown): unknown => (key === 'env' ? undefined : value);
  const text = JSON.stringify({ plan: common(plan), dealt }, withoutEnv);
  return quickHash(secrets.conceal(text.replaceAll(plan.root, '.')));
}

/**
 * A part of a plan: its components, and what of the rest they need. A part without components prepares nothing either.
 *
 * @param plan the whole
 * @param durations by component, in milliseconds: how long it usually takes
 */
export function shardOf(plan: Plan, choice: ShardChoice, durations: ReadonlyMap<string, number>): Plan {
  const numbers = deal(plan.components, durations, choice.of);
  const dealt = plan.components.map(
    ({ component: { name, kind } }): Dealt => ({ name, kind, shard: numbers.get(name) ?? 1 }),
  );
  const shard: Shard = {
    ...{ plan: hashOf(plan, dealt), number: choice.number, of: choice.of, deal: dealt },
    dealtBy: durations.size === 0 ? 'count' : 'durations',
  };
  const components = plan.components.filter(({ component }) => numbers.get(component.name) === choice.number);
  const needed = closureOf(
    components.flatMap(({ component }) => component.uses),
    plan.shared,
  );
  const isEmpty = components.length === 0;
  return {
    ...plan,
    shard,
    components,
    shared: plan.shared.filter(({ name }) => needed.includes(name)),
    setup: isEmpty ? [] : plan.setup,
    teardown: isEmpty ? [] : plan.teardown,
    // What a folder lacks is told once.
    skipped: choice.number === 1 ? plan.skipped : [],
  };
}
