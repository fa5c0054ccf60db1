/** The container engine of this machine: Docker, or else Podman, by its command line, which knows contexts and DOCKER_HOST. */
import type { Finding } from '../../core/finding.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Environment } from '../../core/suite.ts';
import { findProgram } from '../../files/find-program.ts';
import { cookieName, type RunDirectory } from '../../store/run-directory.ts';
import { ask, type Reply } from './ask.ts';

const NAMES = ['docker', 'podman'] as const;
type EngineName = (typeof NAMES)[number];

/** Names the engine that is to be used. */
export const ENGINE_VARIABLE = 'SHAKEDOWN_ENGINE';

export interface Engine {
  readonly name: EngineName;
  /** The path of its command line. */
  readonly program: string;
  /** The environment in which that runs. */
  readonly env: Environment;
  /** @param extra variables besides */
  readonly ask: (args: readonly string[], extra?: Environment) => Promise<Reply>;
}

/** What the search needs of a run. */
export interface EngineContext {
  /** Undefined outside of runs. */
  readonly directory?: Pick<RunDirectory, 'run'>;
  readonly env: Environment;
}

const known = new WeakMap<Pick<RunDirectory, 'run'>, Promise<Result<Engine, EngineTrouble>>>();

/** Why there is no engine. */
export interface EngineTrouble {
  readonly message: string;
  readonly hint: string;
}

/** The engine of a run, which is looked for once. */
export function engineOf(context: Required<EngineContext>): Promise<Result<Engine, EngineTrouble>> {
  const found = known.get(context.directory) ?? findEngine(context);
  known.set(context.directory, found);
  return found;
}

/** The first engine that answers. */
export async function findEngine({ directory, env }: EngineContext): Promise<Result<Engine, EngineTrouble>> {
  const wish = env[ENGINE_VARIABLE];
  const names = NAMES.filter((name) => wish === undefined || wish === '' || name === wish);
  if (names.length === 0)
    return err({
      message: `${ENGINE_VARIABLE} is "${wish}", which is no container engine`,
      hint: `set it to ${NAMES.join(' or ')}, or leave it out`,
    });
  // By this mark the watchdog finds a command line that outlives us.
  const mark = directory === undefined ? {} : { [cookieName(directory.run)]: 'engine' };
  const tried: string[] = [];
  let mute: EngineName | undefined;
  for (const name of names) {
    const program = findProgram(name, env.PATH);
    if (program === undefined) {
      tried.push(`${name} is not installed`);
      continue;
    }
    const engine = engineAt(name, program, env, mark);
    const { code, complaint } = await engine.ask(['version', '--format', '{{json .}}']);
    if (code === 0) return ok(engine);
    mute ??= name;
    tried.push(`${name} is installed, but does not answer: ${complaint}`);
  }
  return err({ message: tried.join('; '), hint: whatToDo(mute, env) });
}

function engineAt(name: EngineName, program: string, env: Environment, mark: Environment): Engine {
  return { name, program, env, ask: (args, extra = {}) => ask(program, args, { ...env, ...mark, ...extra }) };
}

function whatToDo(mute: EngineName | undefined, env: Environment): string {
  if (mute === undefined)
    return 'install Docker or Podman, or run the service without a container, as a process: service({ run: … })';
  if (env.DOCKER_HOST !== undefined)
    return `DOCKER_HOST is ${env.DOCKER_HOST}: start the engine there, or correct the variable; \`${mute} version\` shows the same`;
  return `start it (on Linux: systemctl start ${mute}), and see that you may use it; \`${mute} version\` shows the same`;
}

/** The finding of a service that needs an engine. */
export const noEngine = (step: string, { message, hint }: EngineTrouble): Finding => ({
  code: 'no-engine',
  step,
  message: `${step} needs a container engine, and there is none: ${message}`,
  hint,
});
