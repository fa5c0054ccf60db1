/** A project of Compose that is kept for a run: an existing file, under a name of its own. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Address, addressVariables } from '../../core/address.ts';
import type { Finding } from '../../core/finding.ts';
import { quote } from '../../core/quote.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Command, ComposeSpec, Environment } from '../../core/suite.ts';
import { findProgram } from '../../files/find-program.ts';
import type { NotReady, ProbeAnswer } from '../probes/answer.ts';
import type { Container, Sight } from '../service/container.ts';
import { parseListeners } from '../system/sockets.ts';
import type { UndoHandle, UndoRegister } from '../undo/undos.ts';
import { type Labels, labelled } from './arguments.ts';
import { ask, type Reply } from './ask.ts';
import type { Engine, EngineTrouble } from './engine.ts';
import { ofProject, PROJECT_LISTS, projectMark, removeMark } from './project.ts';
import { registerRemoval } from './undoing.ts';

/** The command line of Compose: a part of the engine's, or a program of its own. */
export type ComposeCli = readonly [string, ...string[]];

/** In milliseconds: containers get their time to stop, one after the other where they depend on each other. */
const DOWN_WITHIN = 120_000;

/** In milliseconds. */
const WATCH_EVERY = 1000;

const SERVICE_LABEL = 'com.docker.compose.service';

/** @returns how Compose is called; or what was tried */
export async function findCompose(engine: Engine): Promise<Result<ComposeCli, EngineTrouble>> {
  const { code } = await engine.ask(['compose', 'version']);
  if (code === 0) return ok([engine.program, 'compose']);
  const tried = [`\`${engine.name} compose\` is not there`];
  for (const name of ['docker-compose', 'podman-compose']) {
    const program = findProgram(name, engine.env.PATH);
    if (program !== undefined) return ok([program]);
    tried.push(`${name} is not installed`);
  }
  return err({
    message: tried.join(', '),
    hint: 'install the Compose plugin of Docker (docker-compose-plugin, docker-compose-v2), or docker-compose',
  });
}

interface Inspected {
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly Health?: { readonly Status: string } | null;
  };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null };
  readonly NetworkSettings: {
    readonly Ports?: Readonly<
      Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>
    > | null;
  };
}

/** A port of a container that is published. */
interface Published {
  readonly own: number;
  readonly host: string;
  readonly port: number;
}

export interface ProjectParts {
  readonly engine: Engine;
  readonly cli: ComposeCli;
  /** The service of the suite that it is. */
  readonly step: string;
  /** Unique on the machine. */
  readonly name: string;
  readonly spec: ComposeSpec;
  /** What the file's variables are filled in from, besides the environment of the run. */
  readonly env: Environment;
  /** How long its containers may take to stop, in milliseconds. */
  readonly grace: number;
  readonly labels: Labels;
  readonly undos: UndoRegister;
}

const serviceOf = ({ Config }: Inspected): string => Config.Labels?.[SERVICE_LABEL] ?? 'a container';

const publishedBy = ({ NetworkSettings }: Inspected): Published[] =>
  Object.entries(NetworkSettings.Ports ?? {})
    .flatMap(([own, to]) =>
      own.endsWith('/udp')
        ? []
        : (to ?? []).slice(0, 1).map((each) => ({ own: Number.parseInt(own, 10), ...each })),
    )
    .map(({ own, HostIp, HostPort }) => ({
      own,
      host: /^(?:0\.0\.0\.0|::|)$/.test(HostIp) ? '127.0.0.1' : HostIp,
      port: Number(HostPort),
    }))
    .sort((a, b) => a.own - b.own);

/** Whether something listens on a port in its container; undefined where that cannot be seen. */
function listensIn({ State: { Pid } }: Inspected, port: number): boolean | undefined {
  try {
    return ['tcp', 'tcp6'].some((table) =>
      parseListeners(readFileSync(`/proc/${Pid}/net/${table}`, 'latin1')).some((each) => each.port === port),
    );
  } catch {
    return undefined;
  }
}

export class ComposeProject implements Container {
  readonly isOnHost = false;
  readonly name: string;
  readonly #parts: ProjectParts;
  #undo: UndoHandle | undefined;

  constructor(parts: ProjectParts) {
    this.name = parts.name;
    this.#parts = parts;
  }

  #argv(...args: readonly string[]): [string, ...string[]] {
    const { cli, spec } = this.#parts;
    const [program, ...words] = cli;
    return [
      program,
      ...words,
      '--project-name',
      this.name,
      ...spec.files.flatMap((file) => ['--file', file]),
      ...args,
    ];
  }

  #ask(args: readonly string[], within?: number): Promise<Reply> {
    const { engine, env } = this.#parts;
    const [program, ...words] = this.#argv(...args);
    return ask(program, words, { ...engine.env, ...env }, within);
  }

  /** Fetches and builds what is lacking, and makes the containers, networks and volumes. */
  get preparation(): Command {
    return { type: 'argv', argv: this.#argv('up', '--no-start', ...this.#parts.spec.services) };
  }

  /** Starts everything, and passes on the output until everything has ended. */
  get command(): Command {
    return { type: 'argv', argv: this.#argv('up', '--no-color', '--no-build', ...this.#parts.spec.services) };
  }

  /** Removes everything; fails if something is left, which version 2 of Compose calls a success. */
  get removal(): Command {
    const { name, program } = this.#parts.engine;
    const lineOf = (words: readonly string[]): string => words.map(quote).join(' ');
    const [remove, show] = projectMark(this.name).map((words) => lineOf([program, ...words]));
    const lists = PROJECT_LISTS.map(({ list }) => `'${list.join(' ')}'`).join(' ');
    return {
      type: 'shell',
      line: [
        `${lineOf(this.#argv(...this.#removal))} && for each in ${lists}; do`,
        `left=$(${quote(program)} $each --quiet ${lineOf(ofProject(this.name))}) || exit; test -z "$left" ||`,
        `{ echo still there, by ${name} $each: $left; exit 1; }; done &&`,
        `{ ${remove} || ! ${show} >/dev/null 2>&1; }`,
      ].join(' '),
    };
  }

  /** Images that it has built have the name of the project, which nobody will use again. */
  readonly #removal = [
    ...['down', '--volumes', '--remove-orphans', '--rmi', 'local', '--timeout', '1'],
  ] as const;

  /** Why its files cannot be used; undefined if they can. */
  async check(): Promise<Finding | undefined> {
    const { code, complaint } = await this.#ask(['config', '--quiet']);
    if (code === 0) return undefined;
    const { step, spec } = this.#parts;
    return {
      code: 'compose-failed',
      step,
      message: `${spec.files.join(', ')} cannot be used by Compose: ${complaint}`,
      hint: `correct the file; \`${this.#argv('config').join(' ')}\` shows the same`,
    };
  }

  /** To be called before anything is made. @returns why nothing can be */
  async create(): Promise<Finding | undefined> {
    if (this.#undo !== undefined) return undefined;
    const { undos, step, engine, env, labels } = this.#parts;
    const what = `what Compose has started for "${step}"`;
    this.#undo = registerRemoval(undos, step, this.removal, { ...engine.env, ...env }, what);
    const { code, complaint } = await engine.ask(['volume', 'create', ...labelled(labels), this.name]);
    if (code === 0) return undefined;
    return {
      code: 'cannot-start',
      step,
      message: `the volume by which what Compose starts for ${step} is known could not be made: ${complaint}`,
      hint: `${engine.name} refused it; \`${engine.name} volume create NAME\` shows the same`,
    };
  }

  inside(command: Command): Command {
    return command;
  }

  async #containers(): Promise<readonly Inspected[]> {
    const { engine } = this.#parts;
    const { out } = await engine.ask(['ps', '--all', '--quiet', ...ofProject(this.name)]);
    const ids = out.split('\n').filter((line) => line !== '');
    if (ids.length === 0) return [];
    const { out: shown } = await engine.ask(['container', 'inspect', ...ids]);
    return JSON.parse(shown || '[]') as Inspected[];
  }

  /** What there still is of it. */
  async #left(): Promise<string[]> {
    const found = PROJECT_LISTS.map(async ({ what, list, name }) => {
      const { out } = await this.#parts.engine.ask([...list, '--format', name, ...ofProject(this.name)]);
      const names = out.split('\n').filter((line) => line !== '');
      return names.map((name) => `the ${what} ${name} is still there`);
    });
    return (await Promise.all(found)).flat();
  }

  listens(): Promise<ProbeAnswer> {
    return this.health();
  }

  async health(): Promise<ProbeAnswer> {
    const all = await this.#containers();
    const lacking = all.flatMap((each) => lackOf(each) ?? []);
    if (all.length > 0 && lacking.length === 0) return { ready: true };
    return { ready: false, why: lacking.join('; ') || 'it has no containers yet' } satisfies NotReady;
  }

  async look(): Promise<Sight | undefined> {
    const all = await this.#containers();
    if (!all.some(({ State }) => State.Running)) return undefined;
    return { first: undefined, processes: [], published: all.flatMap(publishedBy).map(({ port }) => port) };
  }

  /** The addresses of its services, for those who need it: `$STACK_WEB_URL` of the service `web` of a project `stack`. */
  async addresses(): Promise<Environment> {
    const { step, spec } = this.#parts;
    const variables = (await this.#containers()).map((each) => {
      const [main, ...others] = publishedBy(each);
      if (main === undefined) return {};
      const { host, port } = main;
      const further = new Map(others.map((other) => [other.own, other.port]));
      const service = serviceOf(each);
      const address: Address = { scheme: spec.schemes[service] ?? 'http', host, port, others: further };
      return addressVariables(`${step}_${service}`, address);
    });
    return Object.assign({}, ...variables);
  }

  async untilFailed(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.fate()) === undefined)
      await delay(WATCH_EVERY, undefined, { signal, ref: false }).catch(() => {});
  }

  async fate(): Promise<string | undefined> {
    const failed = (await this.#containers()).find(({ State }) => !State.Running && State.ExitCode !== 0);
    return failed === undefined ? undefined : `ended: ${endOf(failed)}`;
  }

  async hint(): Promise<string | undefined> {
    return undefined;
  }

  async signal(): Promise<void> {
    const { grace } = this.#parts;
    await this.#ask(['stop', '--timeout', String(Math.ceil(grace / 1000))], grace + DOWN_WITHIN);
  }

  async remove(): Promise<Finding[]> {
    const { code, complaint } = await this.#ask(this.#removal, DOWN_WITHIN);
    // Version 2 leaves what somebody else still uses, and calls that a success.
    const left = code === 0 ? await this.#left() : [complaint];
    const mark = left.length === 0 ? await removeMark(this.name, this.#parts.engine) : undefined;
    if (mark !== undefined) left.push(mark);
    if (left.length === 0) {
      this.#undo?.done();
      this.#undo = undefined;
      return [];
    }
    const { step } = this.#parts;
    return [
      {
        code: 'container-left',
        step,
        message: `what Compose had started for ${step} could not be removed: ${left.join(', ')}`,
        hint: `remove it with \`${this.#argv(...this.#removal).join(' ')}\``,
      },
    ];
  }
}

const endOf = (each: Inspected): string =>
  `its service ${serviceOf(each)} exited with code ${each.State.ExitCode}`;

/** What a container lacks to be ready; one that has ended with success has done its work. */
function lackOf(each: Inspected): string | undefined {
  const { Status, Running, ExitCode, Health } = each.State;
  const name = serviceOf(each);
  if (!Running)
    return Status === 'exited' && ExitCode === 0
      ? undefined
      : Status === 'exited'
        ? endOf(each)
        : `${name} is not started yet`;
  if (Health != null && Health.Status !== '' && Health.Status !== 'healthy')
    return `the health check of ${name} says "${Health.Status}"`;
  const silent = publishedBy(each).find(({ own }) => listensIn(each, own) === false);
  return silent === undefined ? undefined : `nothing listens on port ${silent.own} of ${name}`;
}
