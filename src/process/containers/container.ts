/** A container that an engine keeps for a run. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Finding } from '../../core/finding.ts';
import { firstError } from '../../core/first-error.ts';
import type { Command, ContainerSpec, Environment, StopSignal } from '../../core/suite.ts';
import type { RunDirectory } from '../../store/run-directory.ts';
import type { NotReady, ProbeAnswer } from '../probes/answer.ts';
import type { Container, Sight } from '../service/container.ts';
import { pickFreePort } from '../system/free-port.ts';
import { type ProcessInfo, processTable, readProcess } from '../system/proc.ts';
import { type Listener, parseListeners } from '../system/sockets.ts';
import type { UndoHandle, UndoRegister } from '../undo/undos.ts';
import { createArguments, type Labels } from './arguments.ts';
import type { Reply } from './ask.ts';
import type { Engine } from './engine.ts';
import { registerRemoval } from './undoing.ts';

/** What we read of `inspect`. */
interface Inspected {
  readonly Id: string;
  readonly State: {
    readonly Running: boolean;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Error?: string;
    readonly Health?: {
      readonly Status: string;
      readonly Log?: readonly { readonly Output: string }[] | null;
    } | null;
  };
  readonly NetworkSettings: {
    readonly Ports?: Readonly<Record<string, readonly { readonly HostPort: string }[] | null>> | null;
  };
}

export interface ContainerParts {
  readonly engine: Engine;
  /** The service in it. */
  readonly step: string;
  /** Unique on the machine. */
  readonly name: string;
  readonly spec: ContainerSpec;
  /** The image: its name, or its id. */
  readonly image: string;
  readonly env: Environment;
  readonly labels: Labels;
  readonly undos: UndoRegister;
}

/** The name of a container: it tells the run, so that nobody takes it for his own. @param id unique within the run */
export const containerName = ({ run }: Pick<RunDirectory, 'run'>, id: string): string =>
  `shakedown-${run}-${id.replace(/^shared-/, '').replace(/[^\w.-]+/g, '-')}`;

/** In milliseconds: an engine accepts a connection to a published port, and closes it if nobody listens behind. */
const HELD_FOR = 150;
const CONNECT_WITHIN = 1000;

const NOT_YET: NotReady = { ready: false, why: 'its container does not run yet' };

export class EngineContainer implements Container {
  readonly name: string;
  /** The ports of this machine, by those of the container that are published there. */
  readonly published = new Map<number, number>();
  readonly #parts: ContainerParts;
  /** The port that the service listens on itself. */
  #ownPort: number | null = null;
  #hostPort: number | null = null;
  #first: ProcessInfo | undefined;
  #undo: UndoHandle | undefined;

  constructor(parts: ContainerParts) {
    this.name = parts.name;
    this.#parts = parts;
  }

  get isOnHost(): boolean {
    return this.#parts.spec.network === 'host';
  }

  /** The command that starts it and passes on its output and exit code. */
  get command(): Command {
    return { type: 'argv', argv: [this.#parts.engine.program, 'start', '--attach', this.name] };
  }

  /** The command that removes it. */
  get removal(): Command {
    return { type: 'argv', argv: [this.#parts.engine.program, ...this.#removal] };
  }

  get #removal(): readonly string[] {
    return ['rm', '--force', '--volumes', this.name];
  }

  async create(port: number | null): Promise<Finding | undefined> {
    const { engine, spec, step, image, labels, env, name } = this.#parts;
    const [own, ...others] = spec.ports;
    this.#hostPort = port;
    this.#ownPort = this.isOnHost ? port : (own ?? null);
    this.published.clear();
    if (!this.isOnHost && own !== undefined && port !== null) {
      this.published.set(own, port);
      for (const other of others) this.published.set(other, await pickFreePort());
    }
    const { published } = this;
    const ownPort = this.#ownPort;
    const given = ownPort === null ? env : { PORT: String(ownPort), ...env };
    this.#undo ??= registerRemoval(this.#parts.undos, step, this.removal, engine.env);
    const { args, env: needed } = createArguments({
      ...{ name, spec, image, labels, env: given, ownPort, published },
    });
    const { code, complaint } = await engine.ask(args, needed);
    if (code === 0) return undefined;
    // Whatever has the name is somebody else's.
    if (/already in use/i.test(complaint)) this.#forget();
    return {
      code: 'cannot-start',
      step,
      message: `the container of ${step} could not be made: ${complaint}`,
      hint: `${engine.name} refused it; see the options of container({ … }) for ${step}`,
    };
  }

  inside(command: Command): Command {
    const port = this.#ownPort;
    const argv =
      command.type === 'shell'
        ? ['/bin/sh', '-c', command.line]
        : command.argv.map((word) =>
            port === null ? word : word.replace(/\$PORT\b|\$\{PORT\}/g, String(port)),
          );
    const { engine } = this.#parts;
    const told = port === null ? [] : ['--env', `PORT=${port}`];
    return { type: 'argv', argv: [engine.program, 'exec', ...told, this.name, ...argv] };
  }

  async #inspect(): Promise<Inspected | undefined> {
    const { code, out } = await this.#parts.engine.ask(['container', 'inspect', this.name]);
    if (code !== 0) return undefined;
    const [seen] = JSON.parse(out) as Inspected[];
    return seen;
  }

  async look(): Promise<Sight | undefined> {
    const seen = await this.#inspect();
    if (seen === undefined || !seen.State.Running) return undefined;
    this.#first = this.#locally(seen);
    const first = this.#first;
    const ports = Object.values(seen.NetworkSettings.Ports ?? {}).flatMap((to) => to ?? []);
    return {
      first,
      processes: first === undefined ? [] : familyOf(first),
      published: ports.map(({ HostPort }) => Number(HostPort)),
    };
  }

  /** Its first process; undefined where the engine is elsewhere, in a virtual machine or on another one. */
  #locally({ State: { Pid }, Id }: Inspected): ProcessInfo | undefined {
    try {
      return Pid > 0 && readFileSync(`/proc/${Pid}/cgroup`, 'latin1').includes(Id)
        ? readProcess(Pid)
        : undefined;
    } catch {
      return undefined;
    }
  }

  /** What listens in it, as the kernel reports. */
  async #listeners(): Promise<Listener[] | 'not running' | 'not visible'> {
    const isKnown =
      this.#first !== undefined && readProcess(this.#first.pid)?.startTicks === this.#first.startTicks;
    if (!isKnown && (await this.look()) === undefined) return 'not running';
    const pid = this.#first?.pid;
    if (pid === undefined) return 'not visible';
    try {
      return ['tcp', 'tcp6'].flatMap((table) =>
        parseListeners(readFileSync(`/proc/${pid}/net/${table}`, 'latin1')),
      );
    } catch {
      return readProcess(pid) === undefined ? 'not running' : 'not visible';
    }
  }

  async listens(): Promise<ProbeAnswer> {
    const port = this.#ownPort;
    const listeners = await this.#listeners();
    // An engine may accept connections to its published port before it runs, and let them wait.
    if (listeners === 'not running') return NOT_YET;
    if (listeners === 'not visible') return this.#answers();
    if (listeners.some((each) => each.port === port && isReachable(each))) return { ready: true };
    return { ready: false, why: `nothing listens on port ${port} of its container` };
  }

  /** Where nothing can be seen of it: whether a connection to its published port stays open. */
  async #answers(): Promise<ProbeAnswer> {
    const port = this.#hostPort;
    if (port === null) return NOT_YET;
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      const finish = (result: boolean): void => {
        socket.destroy();
        resolve(result);
      };
      socket.setTimeout(CONNECT_WITHIN, () => finish(false));
      socket.once('connect', () => setTimeout(() => finish(true), HELD_FOR));
      for (const end of ['error', 'end', 'close'] as const) socket.once(end, () => finish(false));
      socket.resume();
    });
    return isOpen
      ? { ready: true }
      : { ready: false, why: `port ${this.#ownPort} of its container accepts no connections` };
  }

  async health(): Promise<ProbeAnswer> {
    const seen = await this.#inspect();
    if (seen === undefined || !seen.State.Running) return NOT_YET;
    const { Health: health } = seen.State;
    if (health === undefined || health === null || health.Status === '')
      return { ready: false, why: 'its image has no health check' };
    if (health.Status === 'healthy') return { ready: true };
    const words = (health.Log?.at(-1)?.Output ?? '').split('\n').filter((line) => line.trim() !== '');
    return {
      ready: false,
      why: `its health check says "${health.Status}"`,
      ...(words.length > 0 ? { words } : {}),
    };
  }

  async hint(): Promise<string | undefined> {
    const port = this.#ownPort;
    if (port === null || this.isOnHost) return undefined;
    const listeners = await this.#listeners();
    if (typeof listeners === 'string') return undefined;
    const here = listeners.filter((each) => each.port === port);
    const [other] = here;
    if (other !== undefined && !here.some(isReachable))
      return `it listens on ${other.address} in its container, which no published port reaches: have it listen on 0.0.0.0`;
    if (here.length > 0) return undefined;
    const ports = [...new Set(listeners.filter(isReachable).map((each) => each.port))];
    return ports.length === 0
      ? 'it runs, and listens nowhere in its container yet; raise readyTimeout if it needs longer to start'
      : `in its container it listens on port ${ports.join(', ')}: write port: ${ports[0]}`;
  }

  async fate(): Promise<string | undefined> {
    const seen = await this.#inspect();
    if (seen === undefined || seen.State.Running) return undefined;
    const { OOMKilled, Error: error = '', ExitCode } = seen.State;
    if (OOMKilled) return `ran out of memory and was killed (exit code ${ExitCode})`;
    return error === '' ? undefined : `could not be started: ${firstError([error]) ?? error}`;
  }

  async signal(signal: StopSignal | 'SIGKILL'): Promise<void> {
    // It may have ended meanwhile.
    await this.#parts.engine.ask(['kill', '--signal', signal, this.name]);
  }

  /** There is nothing to remove any more. */
  #forget(): void {
    this.#undo?.done();
    this.#undo = undefined;
  }

  async remove(): Promise<Finding[]> {
    if (this.#undo === undefined) return [];
    const { engine, step } = this.#parts;
    const reply = await engine.ask(this.#removal);
    if (reply.code !== 0 && !(await this.#isGone(reply)))
      return [containerLeft(step, this.name, engine, reply)];
    this.#forget();
    return [];
  }

  async #isGone({ complaint }: Reply): Promise<boolean> {
    if (/no such container/i.test(complaint)) return true;
    // Another one may be removing it at this moment.
    const { code, complaint: why } = await this.#parts.engine.ask(['container', 'inspect', this.name]);
    return code !== 0 && /no such/i.test(why);
  }
}

const isReachable = ({ address }: Listener): boolean => !address.startsWith('127.') && address !== '::1';

/** A process and all below it: whatever loses its parent in a container falls to the first. */
function familyOf(first: ProcessInfo): ProcessInfo[] {
  const family = [first];
  const table = processTable();
  for (const each of family) family.push(...table.filter(({ parent }) => parent === each.pid));
  return family;
}

const containerLeft = (
  step: string,
  name: string,
  { name: engine }: Engine,
  { complaint }: Reply,
): Finding => ({
  code: 'container-left',
  step,
  message: `the container of ${step} could not be removed: ${complaint}`,
  hint: `remove it with \`${engine} rm -f -v ${name}\``,
});
