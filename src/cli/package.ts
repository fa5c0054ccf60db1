/** `shakedown package`: makes a suite from a folder, a tarball or a package name, and runs it like any other. */
import { availableParallelism } from 'node:os';
import type { ConsumerFailure } from '../consumer/failure.ts';
import type { Finding } from '../core/finding.ts';
import { visible } from '../core/harmless.ts';
import { err, type Result } from '../core/result.ts';
import { stopReason } from '../core/stop-reason.ts';
import type { Component, Environment, Suite } from '../core/suite.ts';
import { type Ms, ms } from '../core/units.ts';
import { EXIT_CODES } from '../core/verdict.ts';
import { endedEarly } from '../engine/conclusion.ts';
import { runComponents } from '../engine/course.ts';
import { runEarlyTask } from '../engine/early-task.ts';
import type { Preparation, RunHost } from '../engine/run-context.ts';
import { planRun } from '../plan/plan.ts';
import { openTier } from '../process/ownership/tiers/choose.ts';
import type { DetailFlags } from './detail.ts';
import type { OwnershipFlags, Program } from './flags.ts';
import { type Outcome, refuse } from './outcome.ts';
import { refuseRun, reportRefusal, tierDiagnostic } from './refusal.ts';
import { openReports, type ReportFlags, reportOnOutput, requestReports } from './reports.ts';
import { carryOut, type Frontend, hostOf, openFrontend } from './run.ts';
import { say } from './say.ts';
import {
  environmentFor,
  installTried,
  parseTriedSpec,
  type TriedPackage,
  type TriedSpec,
} from './tried-package.ts';

/** How to try a package, as given on the command line. */
export interface PackageFlags extends OwnershipFlags, ReportFlags, DetailFlags {
  readonly jobs?: number;
  readonly timeout?: Ms;
  readonly seed?: number;
  readonly strict?: boolean;
}

/** Its scripts may compile something. */
const INSTALL_LIMIT = ms(10 * 60_000);

/** The result of an installation; if it failed, the finding to report. */
type Installation = Result<TriedPackage, Finding>;

/** The raw result; an unexpected error is already a finding. */
type Attempt = Result<Result<TriedPackage, ConsumerFailure>, Finding>;

/**
 * Tries a package as it is, without any preparation.
 *
 * @param text a folder, a tarball, or a name with or without a version
 * @param names what to try; empty: everything that applies
 */
export async function tryPackage(
  text: string,
  names: readonly string[],
  flags: PackageFlags,
  program: Program,
): Promise<Outcome> {
  const requests = requestReports(flags, program);
  if (!requests.ok) return refuse(requests.error);
  const spec = parseTriedSpec(text, program.cwd);
  if (!spec.ok) return refuseRun([spec.error], requests.value, program);
  const tier = await openTier(flags.ownership, program.clock);
  if (!tier.ok) return refuseRun([tierDiagnostic(flags, tier.error)], requests.value, program);
  const report = reportOnOutput(requests.value);
  const frontend = openFrontend(report !== undefined, flags, program);
  const host = hostOf(frontend, tier.value, program);
  const leave = async (outcome: Outcome): Promise<Outcome> => {
    frontend.terminal.close();
    frontend.signals.release();
    await tier.value.close();
    return outcome;
  };
  const startedAt = program.clock.now();
  const attempt = await install(spec.value, text, host, program);
  if (attempt.ok && !attempt.value.ok && isForTheUser(attempt.value.error, frontend))
    return leave(await refuseRun([attempt.value.error], requests.value, program));
  const installation = told(attempt, frontend);
  const reports = await openReports(requests.value);
  if (!reports.ok) return leave(refuse(reports.error));
  const prepared = preparation(installation, program.clock.now() - startedAt);
  const suite = await suiteOf(installation, prepared, text, flags, program);
  const jobs = flags.jobs ?? availableParallelism();
  const plan = planRun(suite, prepared.outcome === 'failed' ? [] : names, {
    ...{ ...flags, jobs, report },
    keepGoing: true,
    repeat: 1,
  });
  if (!plan.ok) return leave(await reportRefusal(plan.error, reports.value, program));
  if (suite.components.length === 0 && prepared.outcome !== 'failed') {
    const nothing = 'has nothing to try: no module that can be loaded, and no program';
    say(visible(`shakedown: ${suite.name} ${nothing}`), process.stderr);
    return leave({ exitCode: EXIT_CODES.skipped });
  }
  const inherited = environmentFor(spec.value, inheritedOf(process.env));
  const run = { plan: plan.value, course: runComponents, reports: reports.value };
  return carryOut(run, frontend, { ...host, inherited, prepared });
}

const inheritedOf = (env: NodeJS.ProcessEnv): Environment =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

function install(spec: TriedSpec, text: string, host: RunHost, program: Program): Promise<Attempt> {
  const task = {
    name: 'install',
    spec: text,
    root: program.cwd,
    env: inheritedOf(process.env),
    timeout: INSTALL_LIMIT,
  };
  return runEarlyTask(task, host, (context) => installTried(spec, context));
}

/** What the user must fix before there is anything to try: the package's name, or access to the registry. */
const isForTheUser = ({ blame }: ConsumerFailure, { signals }: Frontend): boolean =>
  (blame === 'spec' || blame === 'machine') && !signals.control.stop.aborted;

/** Any other failed installation is reported as a run, with all its reports. */
function told(attempt: Attempt, { signals }: Frontend): Installation {
  if (!attempt.ok) return attempt;
  if (attempt.value.ok) return attempt.value;
  const reason = stopReason(signals.control.stop);
  if (reason?.type === 'crashed') return err(endedEarly('the installation'));
  return err(
    reason?.type === 'interrupted'
      ? {
          code: 'interrupted',
          message: `the installation was interrupted by ${reason.signal}`,
          signal: reason.signal,
        }
      : failure(attempt.value.error),
  );
}

async function suiteOf(
  installation: Installation,
  { outcome }: Preparation,
  text: string,
  flags: PackageFlags,
  program: Program,
): Promise<Suite> {
  const empty = { ...EMPTY_SUITE, root: program.cwd, source: { type: 'package', spec: text } } as const;
  if (!installation.ok) return { ...empty, name: text };
  const { name, version, path, components } = installation.value;
  return {
    ...empty,
    name: `${name}@${version}`,
    path,
    components: outcome === 'failed' ? [] : trialsOf(await components(), flags),
  };
}

const trialsOf = (components: readonly Component[], { strict = false }: PackageFlags): Component[] =>
  components.map((each) => ({ ...each, ofPackage: { isStrict: strict } }));

export const EMPTY_SUITE: Omit<Suite, 'name' | 'root' | 'source'> = {
  memory: 'off',
  env: {},
  path: [],
  setup: [],
  teardown: [],
  shared: [],
  components: [],
  absent: [],
  unusable: [],
};

/** The installation, as reported by a run. */
function preparation(installation: Installation, durationMs: number): Preparation {
  const findings = installation.ok ? installation.value.remarks : [installation.error];
  const isOver = !installation.ok || findings.some(({ code }) => code === 'unsupported-node');
  const outcome = isOver ? 'failed' : installation.ok && installation.value.isReused ? 'cached' : 'done';
  return { name: 'install', outcome, durationMs, findings };
}

const failure = ({ blame, message, evidence, hint }: ConsumerFailure): Finding => ({
  code: blame === 'trouble' ? 'machine-trouble' : 'setup-failed',
  message,
  ...(evidence === undefined ? {} : { evidence }),
  ...(hint === undefined ? {} : { hint }),
});
