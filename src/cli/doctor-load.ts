/** `shakedown doctor --load`: compares what the load generator measures on this machine with the truth. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { LoadPlan } from '../core/load.ts';
import { ms } from '../core/units.ts';
import { EXIT_CODES, type Verdict } from '../core/verdict.ts';
import {
  type Behaviour,
  type Comparison,
  type FromServers,
  runLoad,
  type ToServers,
  TRUTH_CHECKS,
  type Truth,
  type TruthCheck,
} from '../load/index.ts';
import { formatCount, formatTime } from '../load/report/index.ts';
import { createPaint, type Paint } from '../text/paint.ts';
import type { Program } from './flags.ts';
import type { Outcome } from './outcome.ts';
import { deliverJson } from './standard-output.ts';
import { wantsColor } from './terminal-report.ts';

/** Beside the chunk that this is in, as the build lays them out. */
const SERVERS = new URL('../doctor-servers.js', import.meta.url);

/** The process that runs the servers. */
class Servers {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(SERVERS, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }

  async #hear<T extends FromServers['type']>(type: T): Promise<Extract<FromServers, { type: T }>> {
    const exit = once(this.#child, 'exit').then(() => {
      throw new Error('the servers of the doctor have ended');
    });
    const [message] = (await Promise.race([once(this.#child, 'message'), exit])) as [FromServers];
    if (message.type !== type) throw new Error(`the servers of the doctor said ${message.type}, not ${type}`);
    return message as Extract<FromServers, { type: T }>;
  }

  async port(): Promise<number> {
    return (await this.#hear('ready')).port;
  }

  async truthOf(behaviour: Behaviour): Promise<Truth> {
    this.#child.send({ behaviour } satisfies ToServers);
    return (await this.#hear('truth')).truth;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}

function planOf({ behaviour, plan }: TruthCheck, port: number): LoadPlan {
  const path = `/${behaviour}`;
  const ranges = [{ from: 200, to: 299 }];
  return {
    ...plan,
    target: { url: `http://127.0.0.1:${port}`, address: '127.0.0.1', unixSocket: null, localAddress: null },
    protocol: 'http1',
    findRate: null,
    warmup: ms(0),
    workers: 1,
    timeouts: { connect: ms(5000), response: ms(10_000) },
    keepAlive: true,
    pipelining: 1,
    scenario: null,
    requests: [
      {
        name: `GET ${path}`,
        weight: 1,
        method: 'GET',
        path,
        headers: [],
        body: null,
        checks: [{ type: 'status', ranges }],
      },
    ],
    channel: null,
    data: null,
    tls: { verify: true, ca: null, cert: null, key: null, serverName: null },
    checkEvery: 1,
    thresholds: [],
    abortOn: [],
    strict: false,
    saveFailures: null,
    seed: 1,
  };
}

const show = (value: number, unit: Comparison['unit']): string =>
  unit === 'us' ? formatTime(value) : formatCount(value);

function line({ measure, unit, truth, measured, holds }: Comparison, paint: Paint): string {
  const mark = holds ? paint.good('✓') : paint.bad('✗');
  const off = measured - truth;
  const difference =
    unit === 'us' ? `${off < 0 ? '-' : '+'}${formatTime(Math.abs(off))}` : off === 0 ? '' : `${off}`;
  const cells = [show(truth, unit), show(measured, unit), difference].map((cell) => cell.padStart(11));
  return `    ${mark} ${measure.padEnd(14)}${cells.join('')}`.trimEnd();
}

interface Diagnosed {
  readonly server: Behaviour;
  readonly title: string;
  readonly comparisons: readonly Comparison[];
}

/** A wrong count is the generator's fault; wrong times may be this machine's. */
function verdictOf(trials: readonly Diagnosed[]): Exclude<Verdict, 'skipped'> {
  const wrong = trials.flatMap(({ comparisons }) => comparisons).filter(({ holds }) => !holds);
  if (wrong.some(({ unit }) => unit === 'count')) return 'failed';
  return wrong.length > 0 ? 'inconclusive' : 'passed';
}

const CONCLUSIONS = {
  passed: 'the load generator measures accurately on this machine',
  failed: 'the load generator miscounted: please report this, with these lines',
  inconclusive: 'times are off by more than 5 % (and 2 ms): this machine is busy, or its timers are coarse',
} as const;

async function* diagnose(program: Program): AsyncGenerator<Diagnosed> {
  const servers = new Servers();
  try {
    const port = await servers.port();
    for (const trial of TRUTH_CHECKS) {
      const result = await runLoad(planOf(trial, port), { version: program.version });
      const truth = await servers.truthOf(trial.behaviour);
      yield { server: trial.behaviour, title: trial.title, comparisons: trial.compare(truth, result) };
    }
  } finally {
    servers.close();
  }
}

/** Tries the load generator on servers of known behaviour. Takes about ten seconds. */
export async function doctorLoad(flags: { readonly json: boolean }, program: Program): Promise<Outcome> {
  const paint = createPaint(wantsColor(process.stdout, process.env));
  const print = (text: string): void => {
    if (!flags.json) process.stdout.write(`${text}\n`);
  };
  print('load generator: what servers with known behaviour did, and what was measured');
  print(
    paint.dim(
      `    ${' '.repeat(16)}${['true', 'measured', 'off by'].map((cell) => cell.padStart(11)).join('')}`,
    ),
  );
  const trials: Diagnosed[] = [];
  for await (const trial of diagnose(program)) {
    trials.push(trial);
    print(`  ${trial.title}`);
    for (const comparison of trial.comparisons) print(line(comparison, paint));
  }
  const verdict = verdictOf(trials);
  print(
    `\n${{ passed: paint.good, failed: paint.bad, inconclusive: paint.warn }[verdict](CONCLUSIONS[verdict])}`,
  );
  if (flags.json) deliverJson({ version: 1, load: { trials, verdict } });
  return { exitCode: EXIT_CODES[verdict] };
}
