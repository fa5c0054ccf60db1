/** Runs processes before there is a plan: owned as in a run, but recorded only in the journal. */
import type { Finding } from '../core/finding.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Environment } from '../core/suite.ts';
import { ms } from '../core/units.ts';
import type { ComponentContext } from '../kinds/common/context.ts';
import { endStragglers } from '../process/ownership/sweep.ts';
import { createEmitter, type EventSink } from './emitter.ts';
import { attendRequests } from './requests.ts';
import type { RunHost, RunResources } from './run-context.ts';
import { setUpRun } from './run-setup.ts';
import { supervise } from './supervise.ts';
import { openUndos } from './undoing.ts';

const GRACE = ms(5000);

export interface EarlyTask {
  /** Names its log. */
  readonly name: string;
  /** The package that it is for, as the user names it. */
  readonly spec: string;
  /** Absolute path of the folder that contains `.shakedown/`. */
  readonly root: string;
  /** The complete environment of its processes. */
  readonly env: Environment;
}

/**
 * Runs a task, which has time limits of its own, and ends whatever it leaves.
 *
 * @param host its tier stays open, for the run that follows
 * @returns the task's result, or why it could not run: trouble with the machine, or a bug
 * @throws when not even a temporary folder is writable
 */
export async function runEarlyTask<T>(
  { name, root, spec, env }: EarlyTask,
  host: RunHost,
  work: (context: ComponentContext) => Promise<T>,
): Promise<Result<T, Finding>> {
  const { control, clock } = host;
  const runSetup = setUpRun(root, new Date(), host);
  const { directory, pipes } = runSetup;
  const journal: EventSink = (event) => {
    if (event.type !== 'output') directory.journal(event);
  };
  const emit = createEmitter([journal, ...host.sinks], () => clock.now());
  const source = { type: 'package', spec } as const;
  const plan = { interruptGrace: GRACE, root, suite: spec, source, shared: [] };
  const undos = openUndos(directory, host.tier, () => resources);
  const resources: RunResources = { ...host, plan, directory, pipes, undos, active: new Set(), emit };
  const release = attendRequests(resources, runSetup.watchdog);
  emit({ type: 'setup-started', step: name });
  try {
    const task = {
      component: `setup:${name}`,
      id: name,
      logName: `${name}.log`,
      env,
      seed: 1,
      stop: control.stop,
    };
    const { result } = await supervise<Result<T, Finding>>(
      task,
      resources,
      async (context) => ok(await work(context)),
      err,
    );
    return result;
  } finally {
    await undos.carryOutAll();
    release();
    await endStragglers(directory, clock);
    await runSetup.close(undos.isEmpty);
  }
}
