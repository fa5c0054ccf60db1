/** `shakedown package`: makes a suite from a folder, a tarball or a package name, and runs it like any other. */
import { availableParallelism } from 'node:os';
import type { ConsumerFailure } from '../consumer/failure.ts';
import type { PeerEnd } from '../consumer/peers.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Finding } from '../core/finding.ts';
import { visible } from '../core/harmless.ts';
import { err, type Result } from '../core/result.ts';
import { stopReason } from '../core/stop-reason.ts';
import type { Environment, Suite } from '../core/suite.ts';
import { type Ms, ms } from '../core/units.ts';
import { EXIT_CODES } from '../core/verdict.ts';
import { endedEarly } from '../engine/conclusion.ts';
import { runComponents } from '../engine/course.ts';
import { runEarlyTask } from '../engine/early-task.ts';
import type { RunHost } from '../engine/run-context.ts';
import { isMeasured, type StartBudget, withBudget } from '../kinds/index.ts';
import { planRun } from '../plan/plan.ts';
import { openTier } from '../process/ownership/tiers/choose.ts';
import type { DetailFlags } from './detail.ts';
import type { OwnershipFlags, Program } from './flags.ts';
import { type Outcome, refuse } from './outcome.ts';
import { asTrials, failure, type TrialSuite } from './package/trial-suite.ts';
import { refuseRun, reportRefusal, tierDiagnostic } from './refusal.ts';
import { openReports, type ReportFlags, reportOnOutput, requestReports } from './reports.ts';
import { carryOut, type Frontend, hostOf, openFrontend } from './run.ts';
import { say } from './say.ts';
import {
  environmentFor,
  folderOfName,
  installTried,
  parseTriedSpec,
  type TriedOptions,
  type TriedSpec,
} from './tried-package.ts';

/** How to try a package, as given on the command line. */
export interface PackageFlags extends OwnershipFlags, ReportFlags, DetailFlags {
  readonly jobs?: number;
  readonly timeout?: Ms;
  readonly seed?: number;
  readonly strict?: boolean;
  /** Each public package of a workspace. */
  readonly workspaces?: boolean;
  /** Versions of Node: `22`, `22.11`. */
  readonly node?: readonly string[];
  readonly peers?: readonly PeerEnd[];
  readonly budget?: StartBudget;
  /** Versions of Python: `3.11`, `3.13t`. */
  readonly python?: readonly string[];
}

/** Of each installation, unless another is named: its scripts may compile something. */
const INSTALL_LIMIT = ms(10 * 60_000);

/** What was installed; if nothing could be, the finding to report. */
type Installation = Result<TrialSuite, Finding>;

/** The raw result; an unexpected error is already a finding. */
type Attempt = Result<Result<TrialSuite, ConsumerFailure>, Finding>;

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
  const folder = folderOfName(text, spec.value, program.cwd);
  if (folder !== undefined)
    say(
      visible(`shakedown: ${text} is taken from the registry; the folder here is ${folder}`),
      process.stderr,
    );
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
  const { workspaces = false, node: nodes = [], peers = [], python: pythons = [] } = flags;
  const limit = flags.timeout ?? INSTALL_LIMIT;
  const options = { workspaces, nodes, peers, pythons, limit };
  const attempt = await install(spec.value, { text, ...options }, host, program);
  if (attempt.ok && !attempt.value.ok && isForTheUser(attempt.value.error, frontend))
    return leave(await refuseRun([attempt.value.error], requests.value, program));
  const installation = told(attempt, frontend);
  const reports = await openReports(requests.value);
  if (!reports.ok) return leave(refuse(reports.error));
  const content = installation.ok
    ? installation.value
    : nothingInstalled(installation.error, program.clock.now() - startedAt);
  const { prepared } = content;
  const chosen = content.meant(names);
  const suite = suiteOf(content, chosen, text, flags, program);
  const isOver = content.components.length === 0 && prepared.some(({ outcome }) => outcome === 'failed');
  const jobs = flags.jobs ?? availableParallelism();
  const plan = planRun(suite, isOver ? [] : chosen, {
    ...{ ...flags, jobs, report },
    keepGoing: true,
    repeat: 1,
  });
  if (!plan.ok) return leave(await reportRefusal(plan.error, reports.value, program));
  if (suite.components.length === 0 && !isOver) {
    const nothing = 'has nothing to try: no module that can be loaded, and no program';
    say(visible(`shakedown: ${suite.name} ${nothing}`), process.stderr);
    return leave({ exitCode: EXIT_CODES.skipped });
  }
  const isUnmeasured = !isOver && !plan.value.components.some(({ component }) => isMeasured(component));
  if (flags.budget !== undefined && isUnmeasured)
    return leave(await reportRefusal([NOTHING_MEASURED], reports.value, program));
  const inherited = environmentFor(spec.value, inheritedOf(process.env));
  // Also what was named leaves out what cannot be.
  const skipped = [...content.absent, ...(chosen.length === 0 ? content.lacking : [])];
  const all = { ...plan.value, skipped };
  const run = { plan: all, course: runComponents, reports: reports.value };
  return carryOut(run, frontend, { ...host, inherited, prepared });
}

const NOTHING_MEASURED: Diagnostic = {
  message: '--budget is for the start of a package, and nothing that is tried starts it',
  hint: 'leave out --budget, or try init as well',
};

const inheritedOf = (env: NodeJS.ProcessEnv): Environment =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

function install(
  spec: TriedSpec,
  { text, ...options }: TriedOptions & { readonly text: string },
  host: RunHost,
  program: Program,
): Promise<Attempt> {
  const task = { name: 'install', spec: text, root: program.cwd, env: inheritedOf(process.env) };
  return runEarlyTask(task, host, (context) => installTried(spec, options, context));
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

function suiteOf(
  content: TrialSuite,
  chosen: readonly string[],
  text: string,
  { strict = false, budget = {} }: PackageFlags,
  program: Program,
): Suite {
  const { name, path, absent, lacking, components } = content;
  return {
    ...EMPTY_SUITE,
    ...{ root: program.cwd, source: { type: 'package', spec: text } },
    ...{ name: name ?? text, path, absent: [...absent, ...lacking] },
    components: asTrials(components, chosen, strict).map((each) => withBudget(each, budget)),
  };
}

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

const nothingInstalled = (finding: Finding, durationMs: number): TrialSuite => ({
  ...{ name: null, path: [], absent: [], lacking: [], components: [], meant: (names) => names },
  prepared: [{ name: 'install', outcome: 'failed', durationMs, findings: [finding] }],
});
