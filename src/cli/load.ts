/** `shakedown load URL`: sends a load, shows it, and comes to a verdict. */
import { resolve } from 'node:path';
import type { WriteStream } from 'node:tty';
import type { Diagnostic } from '../core/diagnostic.ts';
import { visibleAll } from '../core/harmless.ts';
import type { LoadLatency, LoadPlan, LoadWindow, NamedWindow } from '../core/load.ts';
import { shownUrl } from '../core/load-channel.ts';
import { err, ok, type Result } from '../core/result.ts';
import { secrets } from '../core/secrets.ts';
import { seriesOf } from '../core/series.ts';
import { untilAborted } from '../core/stop-reason.ts';
import { EXIT_CODES } from '../core/verdict.ts';
import { resolveTarget, runLoad } from '../load/index.ts';
import { describeLoad } from '../load/report/brief.ts';
import {
  csvHead,
  csvLines,
  hlogHead,
  hlogLines,
  loadFrame,
  loadJson,
  loadText,
  progressLine,
} from '../load/report/index.ts';
import { sampleTree } from '../process/system/resources.ts';
import { createPaint, type Paint } from '../text/paint.ts';
import { withCredentials } from './credentials.ts';
import { Destination, tellIncomplete } from './destination.ts';
import type { Program } from './flags.ts';
import type { LoadFlags } from './load-flags.ts';
import { planLoad } from './load-plan.ts';
import { type Outcome, refuse } from './outcome.ts';
import { Screen } from './screen.ts';
import { SearchView } from './search-view.ts';
import { type SignalWatch, watchSignals } from './signals.ts';
import { standardOutput } from './standard-output.ts';
import { wantsColor, wantsLive } from './terminal-report.ts';

const REDRAW_EVERY = 200;
/** Without a terminal, one line is printed for this many windows. */
const WINDOWS_A_LINE = 5;

/** Shows a run while it goes on. */
class LiveView {
  readonly #stream: NodeJS.WriteStream;
  readonly #plan: LoadPlan;
  readonly #paint: Paint;
  readonly #screen: Screen | undefined;
  readonly #startedAt = performance.now();
  readonly #windows: LoadWindow[] = [];
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(stream: NodeJS.WriteStream, plan: LoadPlan, paint: Paint) {
    this.#stream = stream;
    this.#plan = plan;
    this.#paint = paint;
    if (!wantsLive(stream, process.env)) return;
    this.#screen = new Screen(stream as WriteStream);
    this.#timer = setInterval(() => this.#draw(), REDRAW_EVERY).unref();
    this.#draw();
  }

  #draw(): void {
    const elapsed = performance.now() - this.#startedAt;
    this.#screen?.update([], loadFrame(this.#plan, this.#windows, elapsed, this.#paint));
  }

  add(window: LoadWindow): void {
    this.#windows.push(window);
    if (this.#screen !== undefined) this.#draw();
    else if (this.#windows.length % WINDOWS_A_LINE === 0)
      this.#stream.write(`${progressLine(this.#windows, this.#plan, this.#paint)}\n`);
  }

  /** Gives the terminal to someone else for a while. */
  leave(): void {
    this.#screen?.leave();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#screen?.close();
  }
}

/** A file that gets each window as it ends. */
interface WindowFile {
  readonly destination: Destination;
  readonly linesOf: (window: LoadWindow, latencyUs: LoadLatency, byName: readonly NamedWindow[]) => string;
}

/** Opens files before anything is sent, so that a wrong path costs no run. */
function openFiles(
  flags: LoadFlags,
  { requests }: LoadPlan,
  program: Program,
  startedAt: Date,
): Result<WindowFile[], Diagnostic[]> {
  const isNamed = seriesOf(requests).names.length > 1;
  const files: WindowFile[] = [];
  const diagnostics: Diagnostic[] = [];
  const open = (option: string, path: string, head: string, linesOf: WindowFile['linesOf']): void => {
    try {
      const destination = new Destination(resolve(program.cwd, path));
      destination.write(head);
      files.push({ destination, linesOf });
    } catch (error) {
      diagnostics.push({
        message: `${option}: ${path} cannot be written: ${(error as Error).message}`,
        hint: 'choose a file in a folder you can write to',
      });
    }
  };
  if (flags.csv !== undefined)
    open('--csv', flags.csv, csvHead(isNamed), (window, _, byName) =>
      csvLines(window, isNamed ? byName : null),
    );
  if (flags.hlog !== undefined) open('--hlog', flags.hlog, hlogHead(program.version, startedAt), hlogLines);
  return diagnostics.length > 0 ? err(diagnostics) : ok(files);
}

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
  const sampleTarget = targetOf(flags.pid);
  if (!sampleTarget.ok) return refuse([sampleTarget.error]);
  const target = await resolveTarget(planned.value.target);
  if (!target.ok)
    return refuse([
      { message: target.error, hint: 'check the host in the URL, or use --connect-to ADDRESS' },
    ]);
  const plan = { ...planned.value, target: target.value };
  const startedAt = new Date();
  const files = openFiles(flags, plan, program, startedAt);
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
  let exitCode: number = EXIT_CODES[result.verdict];
  for (const { destination } of files.value) {
    const failure = destination.close();
    if (failure !== undefined) exitCode = tellIncomplete(failure, exitCode);
  }
  if (flags.json) standardOutput.deliver(loadJson(result));
  signals.release();
  return { exitCode, ...signalOf(signals) };
}
