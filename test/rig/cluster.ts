/** A server of Temporal on a port of its own, and agents that have joined it. */
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadResult } from '../../src/core/load.ts';
import { findProgram } from '../../src/files/find-program.ts';
import { CLI, type Rig, type ShakedownRun } from './rig.ts';

export const TEMPORAL = process.env.SHAKEDOWN_TEMPORAL ?? findProgram('temporal', process.env.PATH);

/** The class path of Temporal's test server for Java, which serves where its command is not. */
const JAVA = TEMPORAL === undefined ? process.env.SHAKEDOWN_TEMPORAL_JAVA : undefined;

/** Why nothing can be tried that restarts the server, or asks it by its command; undefined if that can. */
export const lackingCommand: string | undefined =
  TEMPORAL === undefined
    ? 'there is no command of Temporal: SHAKEDOWN_TEMPORAL=$(scripts/temporal.sh)'
    : undefined;

/** Why there can be no server here at all; undefined if there can. */
export const lackingServer: string | undefined = JAVA === undefined ? lackingCommand : undefined;

const accepts = (port: number): Promise<boolean> =>
  new Promise((answer) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => answer(false));
    socket.once('connect', () => {
      socket.destroy();
      answer(true);
    });
  });

export interface Loaded {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The result as JSON, if there is one. */
  readonly result: LoadResult | undefined;
}

export interface HistoryEvent {
  readonly eventTime: string;
  readonly eventType: string;
  readonly activityTaskScheduledEventAttributes?: { readonly activityType: { readonly name: string } };
  readonly workflowTaskCompletedEventAttributes?: { readonly identity: string };
}

/** Numbers of 64 bits are texts. */
interface Described {
  readonly workflowExecutionInfo: { readonly historyLength: string; readonly historySizeBytes: string };
  readonly pendingWorkflowTask?: { readonly state: string };
}

export class Cluster {
  readonly rig: Rig;
  readonly port: number;
  #server: ShakedownRun | undefined;

  /** The words before its command and those of loads: where they are to run. */
  readonly #enter: readonly string[];

  private constructor(rig: Rig, port: number, enter: readonly string[]) {
    this.rig = rig;
    this.port = port;
    this.#enter = enter;
  }

  static async open(rig: Rig, enter: readonly string[] = []): Promise<Cluster> {
    const cluster = new Cluster(rig, await rig.freePort(), enter);
    await cluster.startServer();
    return cluster;
  }

  get address(): string {
    return `localhost:${this.port}`;
  }

  get serverPid(): number {
    return this.#server?.pid ?? 0;
  }

  /** Runs outlive that of the command, in a file. */
  async startServer(): Promise<void> {
    const server = this.start(JAVA === undefined ? this.#command : this.#test(JAVA));
    this.#server = server;
    // In a network of its own it can be asked from there only, by its own command.
    while (this.#enter.length > 0 ? !(await this.#isHealthy()) : !(await accepts(this.port))) {
      if (server.child.exitCode !== null) throw new Error(`the server ended: ${server.stderr}`);
      await delay(20);
    }
  }

  get #command(): string[] {
    const kept = ['--db-filename', `${this.rig.dir}/temporal.db`];
    const where = ['--headless', '--ip', '127.0.0.1', '--port', String(this.port)];
    return [TEMPORAL ?? '', 'server', 'start-dev', ...where, ...kept, '--log-level', 'error'];
  }

  #test(classPath: string): string[] {
    return ['java', '-cp', classPath, 'io.temporal.testserver.TestServer', String(this.port)];
  }

  async #isHealthy(): Promise<boolean> {
    const words = [TEMPORAL ?? '', 'operator', 'cluster', 'health', '--address', `127.0.0.1:${this.port}`];
    return (await this.start(words).exit()).code === 0;
  }

  /** Starts a program where the server is. */
  start(words: readonly string[]): ShakedownRun {
    const [program = '', ...rest] = [...this.#enter, ...words];
    return this.rig.startProgram([program, ...rest]);
  }

  async killServer(): Promise<void> {
    this.#server?.kill('SIGKILL');
    await this.#server?.exit();
  }

  /** Agents that are ready. Not all start at once: each takes a second or two of a core. */
  async agents(names: readonly string[], ...flags: readonly string[]): Promise<ShakedownRun[]> {
    const agents: ShakedownRun[] = [];
    const waiting = names.entries();
    const startThem = async (): Promise<void> => {
      for (const [place, name] of waiting) {
        const agent = this.rig.start(['agent', '--join', this.address, '--name', name, ...flags]);
        agents[place] = agent;
        await agent.output(/ready/);
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, startThem));
    return agents;
  }

  load(url: string, ...flags: readonly string[]): ShakedownRun {
    return this.start([process.execPath, CLI, 'load', url, '--join', this.address, '--json', ...flags]);
  }

  /** What Temporal's own command tells of a run. */
  async #told(about: 'show' | 'describe', id: string): Promise<unknown> {
    const words = [TEMPORAL ?? '', 'workflow', about, '--workflow-id', id, '--output', 'json'];
    const { stdout } = await this.start([...words, '--address', `127.0.0.1:${this.port}`]).exit();
    return JSON.parse(stdout);
  }

  /** How much the server keeps of a run. */
  async historyOf(id: string): Promise<{ readonly events: number; readonly bytes: number }> {
    const { workflowExecutionInfo: info } = (await this.#told('describe', id)) as Described;
    return { events: Number(info.historyLength), bytes: Number(info.historySizeBytes) };
  }

  /** Its history. */
  async eventsOf(id: string): Promise<readonly HistoryEvent[]> {
    return ((await this.#told('show', id)) as { readonly events: readonly HistoryEvent[] }).events;
  }

  /** The activities that a run has scheduled, by their types, in order. */
  async scheduledBy(id: string): Promise<string[]> {
    const events = await this.eventsOf(id);
    return events.flatMap(({ activityTaskScheduledEventAttributes: task }) => task?.activityType.name ?? []);
  }

  /** Who has decided what comes next in a run, by their names, in order. */
  async hostsOf(id: string): Promise<string[]> {
    const events = await this.eventsOf(id);
    return events.flatMap(({ workflowTaskCompletedEventAttributes: task }) => task?.identity ?? []);
  }

  /** Whether somebody has what is to be decided next. */
  async isDeciding(id: string): Promise<boolean> {
    const { pendingWorkflowTask } = (await this.#told('describe', id)) as Described;
    return pendingWorkflowTask?.state === 'PENDING_WORKFLOW_TASK_STATE_STARTED';
  }

  static async end(run: ShakedownRun): Promise<Loaded> {
    const ended = await run.exit();
    const result = ended.stdout === '' ? undefined : (JSON.parse(ended.stdout) as LoadResult);
    return { ...ended, result };
  }
}
