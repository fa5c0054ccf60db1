/** `shakedown load URL`: sends a load, shows it, and comes to a verdict. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { visibleAll } from '../core/harmless.ts';
import { shownUrl } from '../core/load-channel.ts';
import { err, ok, type Result } from '../core/result.ts';
import { secrets } from '../core/secrets.ts';
import { seriesOf } from '../core/series.ts';
import { untilAborted } from '../core/stop-reason.ts';
import { EXIT_CODES } from '../core/verdict.ts';
import { resolveTarget, runLoad } from '../load/index.ts';
import { describeLoad } from '../load/report/brief.ts';
import { loadJson, loadText } from '../load/report/index.ts';
import { sampleTree } from '../process/system/resources.ts';
import { createPaint } from '../text/paint.ts';
import { withCredentials } from './credentials.ts';
import type { Program } from './flags.ts';
import { closeFiles, openFiles } from './load-files.ts';
import { flagsOfAgents, type LoadFlags } from './load-flags.ts';
import { planLoad } from './load-plan.ts';
import { LiveView } from './load-view.ts';
import { type Outcome, refuse } from './outcome.ts';
import { SearchView } from './search-view.ts';
import { type SignalWatch, watchSignals } from './signals.ts';
import { standardOutput } from './standard-output.ts';
import { wantsColor } from './terminal-report.ts';

/** Checks before anything is sent that the target's process exists. */
function targetOf(
  pid: number | undefined,
): Result<(() => ReturnType<typeof sampleTree>) | undefined, Diagnostic> {
  if (pid === undefined) return ok(undefined);
  if (sampleTree(pid) !== null) return ok(() => sampleTree(pid));
  return err({ message: `--pid ${pid}: there is no such process`, hint: 'give the id of a running process' });
}

function signalOf({ received }: SignalWatch): Pick<Outcome, 'signal'> {
  const signal = received();
  return signal === undefined ? {} : { signal };
}

export async function load(url: string, given: LoadFlags, program: Program): Promise<Outcome> {
  const flags = withCredentials(given, { cwd: program.cwd, env: process.env });
  if (!flags.ok) return refuse(flags.error);
  return carryOut(url, flags.value, program);
}

async function carryOut(url: string, flags: LoadFlags, program: Program): Promise<Outcome> {
  secrets.learn([url, ...flags.header]);
  const planned = planLoad(url, flags, program.cwd);
  if (!planned.ok) return refuse(planned.error);
  if (flags.agents !== undefined || flags.attach !== undefined) {
    const { loadOnAgents } = await import('./cluster/load.ts');
    return loadOnAgents(planned.value, flags, program);
  }
  const [ofAgents] = flagsOfAgents(flags);
  if (ofAgents !== undefined)
    return refuse([
      {
        message: `${ofAgents} is for a load from agents, and without --agents it comes from this machine`,
        hint: 'say how many: --agents N; or leave it out',
      },
    ]);
  const sampleTarget = targetOf(flags.pid);
  if (!sampleTarget.ok) return refuse([sampleTarget.error]);
  const target = await resolveTarget(planned.value.target);
  if (!target.ok)
    return refuse([
      { message: target.error, hint: 'check the host in the URL, or use --connect-to ADDRESS' },
    ]);
  const plan = { ...planned.value, target: target.value };
  const startedAt = new Date();
  const files = openFiles(flags, seriesOf(plan.requests).names.length > 1, program, startedAt);
  if (!files.ok) return refuse(files.error);

  // Standard output is reserved for the JSON, if that was requested.
  const stream = flags.json ? process.stderr : process.stdout;
  const paint = createPaint(wantsColor(stream, process.env));
  const shown = visibleAll(plan);
  stream.write(
    `${paint.bold('shakedown load')} ${shownUrl(shown.target.url, shown.channel)}\n  ${paint.dim(describeLoad(shown))}\n\n`,
  );
  const search = shown.findRate === null ? null : new SearchView(stream, shown, shown.findRate, paint);
  const view = search ?? new LiveView(stream, shown, paint);
  const signals = watchSignals(() => view.leave(), program.lastResort);
  const running = runLoad(plan, {
    version: program.version,
    signal: signals.control.stop,
    onWindow: (window, latencyUs, byName) => {
      const named = files.value.length > 0 ? byName() : [];
      for (const { destination, linesOf } of files.value)
        destination.write(linesOf(window, latencyUs, named));
      view.add(window);
    },
    ...(search === null
      ? {}
      : {
          onLevelStart: (rate, isLook) => search.begin(rate, isLook),
          onLevel: (level) => search.end(visibleAll(level)),
        }),
    ...(sampleTarget.value === undefined ? {} : { sampleTarget: sampleTarget.value }),
  });
  const result = await untilAborted(running, signals.control.abandon).finally(() => view.close());
  if (result === undefined) {
    signals.release();
    return { exitCode: EXIT_CODES.inconclusive, ...signalOf(signals) };
  }
  stream.write(`${search === null ? '' : '\n'}${loadText(result, paint).join('\n')}\n`);
  const exitCode = closeFiles(files.value, EXIT_CODES[result.verdict]);
  if (flags.json) standardOutput.deliver(loadJson(result));
  signals.release();
  return { exitCode, ...signalOf(signals) };
}
