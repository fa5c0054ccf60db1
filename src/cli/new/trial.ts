/** Tries a server as a config would start it, by an ordinary run: the setup, the start, a request or two, the end. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SuiteOptions } from '../../config/options.ts';
import type { Finding } from '../../core/finding.ts';
import { ok, type Result } from '../../core/result.ts';
import type { StopReason } from '../../core/stop-reason.ts';
import type { EventSink } from '../../engine/emitter.ts';
import type { RunHost } from '../../engine/run-context.ts';
import { harnessFile } from '../../kinds/common/programs.ts';
import { consequenceOf } from '../../kinds/index.ts';
import type { CommandOwner } from '../../process/ownership/command-owner.ts';
import { pickFreePort } from '../../process/system/free-port.ts';
import { listeningPorts } from '../../process/system/sockets.ts';
import type { Proposal } from '../../starter/proposal.ts';
import { type Answer, serverOf, type Tried, withServer } from '../../starter/tried.ts';
import type { Program } from '../flags.ts';
import { runDraft } from './draft.ts';

const LOOK_EVERY = 200;
/** In milliseconds: after listening elsewhere for this long, a server is taken to have that port. */
const ELSEWHERE_FOR = 5000;
/** Node's debugger. */
const DEBUG_PORTS = [9229, 9230];

/** The config with only this component, on a known port, and a program that sends requests as its client. */
function trialOptions(
  options: SuiteOptions,
  name: string,
  port: number,
  client: readonly [string, ...string[]],
): SuiteOptions {
  const component = options.components[name];
  if (component?.kind !== 'http') throw new Error(`${name} has no server`);
  const tried = { ...withServer(component, (server) => ({ ...server, port })), client };
  return { ...options, components: { [name]: tried } };
}

/** The results of a trial, folded from the events of its run. */
class Course {
  ready: { readonly port: number; readonly afterMs: number } | undefined;
  finding: Finding | undefined;
  /** It did not stop when asked to. */
  isKilled = false;
  logFile: string | null = null;

  sink: EventSink = (event) => {
    if (event.type === 'service-ready') this.ready = { port: event.port ?? 0, afterMs: event.readyAfterMs };
    else if (event.type === 'component-started') this.logFile = event.logFile;
    else if (event.type === 'finding') this.#found([event.finding]);
    else if (event.type === 'setup-finished' && event.outcome === 'failed') {
      this.logFile = event.logFile;
      this.#found(event.findings);
    }
  };

  #found(findings: readonly Finding[]): void {
    this.isKilled ||= findings.some(({ code }) => code === 'killed');
    this.finding ??= findings.find((finding) => consequenceOf(finding) !== 'note');
  }
}

/** Finds out where a server that is not ready listens: many have a port of their own, whatever they are told. */
class Lookout {
  readonly stop = new AbortController();
  /** Where it listens, while that is not where it should. */
  elsewhere: number | undefined;
  readonly #owners: CommandOwner[] = [];
  readonly #expected: number;
  readonly #isReady: () => boolean;
  #since: number | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(expected: number, isReady: () => boolean) {
    this.#expected = expected;
    this.#isReady = isReady;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  watch<T extends CommandOwner>(owner: T): T {
    this.#owners.push(owner);
    return owner;
  }

  #look(): void {
    if (this.#isReady()) {
      this.elsewhere = undefined;
      this.close();
      return;
    }
    const ports = this.#ports();
    if (ports.length === 0 || ports.includes(this.#expected)) {
      this.#since = undefined;
      this.elsewhere = undefined;
      return;
    }
    this.elsewhere = Math.min(...ports);
    this.#since ??= performance.now();
    if (performance.now() - this.#since < ELSEWHERE_FOR) return;
    this.close();
    this.stop.abort({
      type: 'obsolete',
      because: `it listens on port ${this.elsewhere}`,
    } satisfies StopReason);
  }

  #ports(): number[] {
    try {
      const found = listeningPorts(this.#owners.flatMap((owner) => owner.members()));
      return found.map(({ port }) => port).filter((port) => !DEBUG_PORTS.includes(port));
    } catch {
      // If the tables cannot be read, nothing is known.
      return [];
    }
  }
}

/** @returns the host of a run that reports only to the record, and that the lookout can stop */
function hostFor(host: RunHost, course: Course, lookout: Lookout, sink: EventSink): RunHost {
  return {
    ...host,
    control: { ...host.control, stop: AbortSignal.any([host.control.stop, lookout.stop.signal]) },
    // Only for the component: a setup step may serve for a while too, but nobody sends it requests.
    openOwner: (context, id) => {
      const owner = host.openOwner(context, id);
      return id.startsWith('setup.') ? owner : lookout.watch(owner);
    },
    sinks: [course.sink, sink],
  };
}

function readAnswers(file: string): Answer[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Answer[];
  } catch {
    return [];
  }
}

/**
 * Starts the server of one component, waits until it is ready, sends requests, and stops it.
 *
 * @param sink receives the events of the run
 * @returns the outcome; or why there could be no run
 */
export async function tryServer(
  { suite, trials }: Proposal,
  name: string,
  program: Program,
  sink: EventSink,
): Promise<Result<Tried, string>> {
  const options = suite.components[name];
  const fixed = options?.kind === 'http' ? serverOf(options)?.port : undefined;
  const port = typeof fixed === 'number' && fixed > 0 ? fixed : await pickFreePort();
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-new-'));
  const file = join(folder, 'answers.json');
  const asker = [process.execPath, harnessFile('asker.js'), file, ...(trials[name]?.paths ?? ['/'])] as const;
  const course = new Course();
  const lookout = new Lookout(port, () => course.ready !== undefined);
  try {
    const tried = trialOptions(suite, name, port, asker);
    const run = await runDraft(tried, [name], program, (host) => hostFor(host, course, lookout, sink));
    if (!run.ok) return run;
    if (run.value !== undefined) return ok({ type: 'interrupted', signal: run.value });
    const { elsewhere } = lookout;
    if (
      elsewhere !== undefined &&
      (course.finding?.code ?? 'not-ready') === 'not-ready' &&
      course.ready === undefined
    )
      return ok({ type: 'elsewhere', port: elsewhere });
    return ok(conclusion(course, readAnswers(file)));
  } finally {
    lookout.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Findings that are about the machine. */
export const NOT_ITS_FAULT: readonly Finding['code'][] = ['port-taken', 'port-blocked', 'machine-trouble'];

function conclusion({ ready, finding, logFile, isKilled }: Course, answers: readonly Answer[]): Tried {
  if (finding !== undefined && NOT_ITS_FAULT.includes(finding.code))
    return { type: 'untried', why: finding.message };
  if (finding !== undefined) return { type: 'failed', finding, logFile };
  if (ready === undefined) {
    const message = 'it was not seen to be ready, and nobody said why';
    return { type: 'failed', finding: { code: 'ended-early', message }, logFile };
  }
  return { type: 'ready', ...ready, answers, isKilled };
}
