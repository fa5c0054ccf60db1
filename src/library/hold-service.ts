/** Keeps one service alive for a test or a script: a run of its own whose only content is that service. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { buildLoneService } from '../config/lone-service.ts';
import { refusalOf } from '../config/refuse.ts';
import type { StartServiceOptions } from '../config/start-service-words.ts';
import { type Address, addressVariables, urlOf } from '../core/address.ts';
import type { Finding } from '../core/finding.ts';
import { visible } from '../core/harmless.ts';
import type { Plan } from '../core/plan.ts';
import { secrets } from '../core/secrets.ts';
import type { Service, Suite } from '../core/suite.ts';
import { Hold } from '../engine/hold.ts';
import { binFolders } from '../files/bin-folders.ts';
import { consequenceOf, verdictOf } from '../kinds/index.ts';
import { planHold } from '../plan/hold.ts';
import { readProcess } from '../process/system/proc.ts';
import { GuestRun } from './guest-run.ts';
import type { ServiceError, StartedService } from './started-service.ts';

const LINES = 20;
/** How many folders stay of services in tests: the logs of all that one test run has started, and then some. */
const KEEP_RUNS = 100;
/** In milliseconds: how long a death gets to be noticed, if the process has gone, and if it may be about to. */
const GONE_WITHIN = 5000;
const CRASH_VISIBLE_WITHIN = 20;

function planOf(service: Service, root: string): Plan {
  const { name } = service;
  const suite: Suite = {
    ...{ name, root, source: { type: 'config', file: '' }, memory: 'off', env: {}, path: binFolders(root) },
    ...{ setup: [], teardown: [], components: [], absent: [], unusable: [] },
    shared: [{ type: 'service', name, needs: [], fresh: false, service }],
  };
  const plan = planHold(suite, [name]);
  if (!plan.ok) throw new Error(`a suite with only the service ${name} was refused`);
  return { ...plan.value, keepRuns: KEEP_RUNS };
}

function errorOf(finding: Finding, logFile: string | null): ServiceError {
  const { code, message, hint, evidence = [] } = finding;
  const text = [
    message,
    // A single line is usually in the message already.
    ...evidence.filter((line) => evidence.length > 1 || !message.includes(line)).map((line) => `  | ${line}`),
    ...(hint === undefined ? [] : [`  → ${hint}`]),
    ...(logFile === null ? [] : [`  log: ${logFile}`]),
  ]
    .map(visible)
    .join('\n');
  return Object.assign(new Error(text), {
    ...{ name: 'ServiceError' as const, code, hint, evidence, logFile },
  });
}

/** Waits for something that, alone, would not keep the process from exiting. */
async function awake<T>(work: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 2 ** 30);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

class HeldService {
  readonly #service: Service;
  readonly #run = new GuestRun();
  readonly #hold = new Hold({ isWhole: true });
  /** Resolves when nothing of it is left. */
  readonly #over: Promise<void>;
  #pid: number | undefined;
  #logFile: string | null = null;
  #stopped: Promise<void> | undefined;

  constructor(service: Service, root: string) {
    this.#service = service;
    this.#over = this.#run.carryOut(planOf(service, root), this.#hold.course, (event) => {
      if (event.type === 'shared-started') this.#logFile = event.logFile;
    });
    // Whoever waits for it gets the error.
    this.#over.catch(() => {});
  }

  /** @throws ServiceError if it is not ready */
  async start(): Promise<StartedService> {
    const held = await awake(Promise.race([this.#hold.ready, this.#over.then(() => undefined)]));
    const { address, pid } = held?.services.get(this.#service.name) ?? {};
    if (address === undefined || address === null || pid === undefined || pid === null) {
      await awake(this.#over);
      throw this.#why([...(held?.lacking ?? []), ...this.#failures()]);
    }
    this.#pid = pid;
    this.#run.keepAlive(false);
    return this.#describe(address, pid);
  }

  #why([first]: readonly Finding[]): Error {
    return first === undefined
      ? new Error(`${this.#service.name} could not be started`)
      : errorOf(first, this.#logFile);
  }

  /** What was wrong, the worst first. */
  #failures(): Finding[] {
    const all = this.#run.findings.filter((finding) => consequenceOf(finding) !== 'note');
    const isBad = (finding: Finding): boolean => consequenceOf(finding) === 'failed';
    return [...all.filter(isBad), ...all.filter((finding) => !isBad(finding))];
  }

  #describe(address: Address, pid: number): StartedService {
    const { name } = this.#service;
    const logFile = this.#logFile ?? '';
    const { host, port } = address;
    const stop = (): Promise<void> => this.stop();
    return {
      ...{ name, url: urlOf(address) ?? null, host, port, pid, logFile, stop },
      env: port === null ? {} : { ...addressVariables(name, address), PORT: String(port) },
      lastLines: (count = LINES) => lastLines(logFile, count),
      [Symbol.asyncDispose]: stop,
    };
  }

  stop(): Promise<void> {
    this.#stopped ??= awake(this.#stop());
    return this.#stopped;
  }

  /** @throws ServiceError if something was wrong with it */
  async #stop(): Promise<void> {
    this.#run.keepAlive(true);
    // Its death may be the very reason why it is stopped, and is then what is to be told.
    const { state = 'Z' } = readProcess(this.#pid ?? 0) ?? {};
    const patience = state === 'Z' ? GONE_WITHIN : CRASH_VISIBLE_WITHIN;
    await Promise.race([this.#hold.broken, delay(patience)]);
    this.#hold.end();
    await this.#over;
    const failures = this.#failures();
    if (verdictOf(failures) === 'failed') throw this.#why(failures);
  }
}

/** The header by which a log names who prints next. */
const SPEAKER = /^==> .* <==$/;

function lastLines(logFile: string, count: number): string[] {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  return count <= 0 ? [] : lines.filter((line) => line !== '' && !SPEAKER.test(line)).slice(-count);
}

export async function holdService(options: StartServiceOptions): Promise<StartedService> {
  secrets.learnEnvironment(process.env);
  secrets.learn(options);
  const root = process.cwd();
  const service = await buildLoneService(options, root);
  if (!service.ok) throw refusalOf(service.error);
  return new HeldService(service.value, root).start();
}
