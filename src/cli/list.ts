import { withoutCredentials } from '../core/address.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { visible } from '../core/harmless.ts';
import { describeFault } from '../core/http-fault.ts';
import type { Plan } from '../core/plan.ts';
import { ok, type Result } from '../core/result.ts';
import { type Shard, shardName } from '../core/shard.ts';
import { serviceOf } from '../core/shared.ts';
import { type Component, type Suite, showCommand } from '../core/suite.ts';
import { formatDuration } from '../core/units.ts';
import { kindOf } from '../kinds/index.ts';
import { planRun } from '../plan/plan.ts';
import { withUsed } from '../plan/use.ts';
import type { Program, RunFlags, SuiteFlags } from './flags.ts';
import { tellIdleUses } from './idle-uses.ts';
import { lastFailures } from './last-failures.ts';
import { readSuite } from './namesakes.ts';
import { type Outcome, refuse, SUCCESS } from './outcome.ts';
import { say } from './say.ts';
import { takeShard } from './shard.ts';
import { deliverJson } from './standard-output.ts';
import { table } from './table.ts';

function remarks(component: Component): string {
  return [
    component.onlyWhenNamed ? 'only when named' : '',
    component.needs.length + component.uses.length > 0
      ? `needs ${[...component.needs, ...component.uses].join(', ')}`
      : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** The services that are already there. */
const externalOf = ({ shared }: Suite): { readonly name: string; readonly url: string }[] =>
  shared.flatMap((each) =>
    each.type === 'external' ? [{ name: each.name, url: withoutCredentials(each.url) }] : [],
  );

function listSuite(suite: Suite): string[] {
  const rows = [
    ...suite.components.map((component) => [component.name, component.kind, remarks(component)]),
    ...externalOf(suite).map(({ name, url }) => [name, 'external', `at ${url}: it is not started`]),
    ...suite.absent.map(({ name, reason }) => [name, '-', reason]),
    ...suite.unusable.map(({ name, message }) => [name, '-', message]),
  ];
  return [suite.name, ...table(rows)];
}

/** What of a suite a shard of its default selection runs. */
function shardIn(
  written: Suite,
  suite: Suite,
  flags: Pick<RunFlags, 'use' | 'shard'>,
): Result<Suite, Diagnostic[]> {
  const plan = planRun(written, [], { ...PLAINLY, use: flags.use });
  if (!plan.ok) return plan;
  const part = takeShard(plan.value, flags.shard);
  const names = new Set(part.components.map(({ component }) => component.name));
  return ok({
    ...suite,
    components: suite.components.filter(({ name }) => names.has(name)),
    absent: part.skipped,
    unusable: [],
  });
}

/** Lists the components of the suite. */
export async function list(
  flags: SuiteFlags & Pick<RunFlags, 'use' | 'shard'> & { readonly json: boolean },
  program: Program,
): Promise<Outcome> {
  const written = await readSuite(flags, program);
  const suite = written.ok ? withUsed(written.value, flags.use ?? []) : written;
  if (!suite.ok) return refuse(suite.error);
  const listed =
    flags.shard === undefined || !written.ok ? suite : shardIn(written.value, suite.value, flags);
  if (!listed.ok) return refuse(listed.error);
  const { components, absent, unusable, name } = listed.value;
  if (flags.json) {
    const named = components.map((component) => ({
      name: component.name,
      kind: component.kind,
      onlyWhenNamed: component.onlyWhenNamed,
      needs: component.needs,
      uses: component.uses,
    }));
    deliverJson({
      version: 1,
      suite: name,
      components: named,
      used: externalOf(listed.value),
      absent,
      unusable,
    });
  } else for (const line of listSuite(listed.value)) say(visible(line));
  return SUCCESS;
}

const PLAINLY = { jobs: 1, keepGoing: false, repeat: 1 } as const;

const shardText = (shard: Shard): string =>
  `${shardName(shard)}, dealt by ${shard.dealtBy === 'durations' ? 'how long components took before' : 'their number'} (plan ${shard.plan})`;

function describePlan(plan: Plan): string[] {
  const env = Object.entries(plan.env).map(([name, value]) => `${name}=${value}`);
  const settings = [
    `${plan.jobs} at once`,
    plan.keepGoing ? 'continues after a failure' : 'the first failure ends the run',
    ...(plan.rerunOf === undefined ? [] : [`only what had not passed by run ${plan.rerunOf}`]),
    ...(plan.shard === undefined ? [] : [shardText(plan.shard)]),
    ...(plan.repeat > 1 ? [`each ${plan.repeat} times`] : []),
    ...env,
  ];
  return [
    plan.suite,
    `  ${settings.join(', ')}`,
    ...plan.setup.map(
      ({ name, inputs, undo }, index) =>
        `  setup ${index + 1}. ${name}${inputs.length > 0 ? ` (when ${inputs.join(', ')} changed)` : ''}${undo === null ? '' : `, undone at the end by ${showCommand(undo.command)}`}`,
    ),
    ...plan.shared.map((shared) => {
      const { name, type, needs, fresh } = shared;
      if (type === 'external') return `  use ${name} at ${withoutCredentials(shared.url)}: it is not started`;
      const command = type === 'task' ? shared.step.command : shared.service.command;
      const after = needs.length > 0 ? `, after ${needs.join(', ')}` : '';
      const via = serviceOf(shared)?.via ?? [];
      const behind = via.length > 0 ? `, behind a proxy: ${via.map(describeFault).join(', ')}` : '';
      return `  ${type} ${name}: ${showCommand(command)}${after}${fresh ? ', one for each component' : ''}${behind}`;
    }),
    ...plan.components.flatMap(({ component, after }, index) => [
      `  ${index + 1}. ${component.name} (${component.kind}, at most ${formatDuration(component.timeout)}${after.length > 0 ? `, after ${after.join(', ')}` : ''}${component.uses.length > 0 ? `, with ${component.uses.join(', ')}` : ''})`,
      ...[
        ...component.before.map((command) => `run ${showCommand(command)} before`),
        ...kindOf(component.kind).steps(component),
        ...component.after.map((command) => `run ${showCommand(command)} afterwards`),
      ].map((step) => `     ${step}`),
    ]),
    ...plan.teardown.map(
      ({ name, timeout }, index) => `  teardown ${index + 1}. ${name} (at most ${formatDuration(timeout)})`,
    ),
    ...plan.skipped.map(({ name, reason }) => `  -  ${name}: skipped, ${reason}`),
  ];
}

/** Shows what would run, without running it. */
export async function plan(
  names: readonly string[],
  flags: RunFlags & { readonly json: boolean },
  program: Program,
): Promise<Outcome> {
  const suite = await readSuite(flags, program);
  if (!suite.ok) return refuse(suite.error);
  const failed = lastFailures(suite.value, flags);
  if (!failed.ok) return refuse(failed.error);
  const planned = planRun(suite.value, names, { ...flags, failed: failed.value });
  if (!planned.ok) return refuse(planned.error);
  tellIdleUses(planned.value, flags.use);
  const part = takeShard(planned.value, flags.shard);
  if (flags.json) deliverJson(part);
  else for (const line of describePlan(part)) say(visible(line));
  return SUCCESS;
}
