/** Which Pythons there are: on the PATH, and those that pyenv and uv have installed. */
import { readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { err, ok, type Result } from '../../core/result.ts';
import type { Environment } from '../../core/suite.ts';
import { findProgram } from '../../files/find-program.ts';
import type { CommandContext } from '../../process/run-owned.ts';
import type { ConsumerFailure } from '../failure.ts';
import { chosenPython } from './environment.ts';
import { runTool } from './run-tool.ts';

/** What was learned of a Python by asking it. */
export interface Interpreter {
  /** Absolute path of the program itself, and not of a shim. */
  readonly path: string;
  /** `3.13.0`, or `3.13.0t` without the global interpreter lock. */
  readonly version: string;
  /** Tells apart those of the same version. */
  readonly build: string;
  /** The version of its pip; empty: it has none. */
  readonly pip: string;
}

/** A program that may be a Python. */
interface Candidate {
  readonly path: string;
  /** The version that its name promises; null: it promises none. */
  readonly promised: string | null;
}

/** What tries a package needs so much, and so do pip and uv. */
const OLDEST = [3, 8];

function isUsable(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [oldest = 0, oldestMinor = 0] = OLDEST;
  return major > oldest || (major === oldest && minor >= oldestMinor);
}

const ASKED = `import json, sys, sysconfig
try:
    import pip
    pip = pip.__version__
except ImportError:
    pip = ""
free = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
print(json.dumps({"path": sys.executable, "version": sys.version.split()[0] + free,
    "build": "%s %s" % (sysconfig.get_config_var("SOABI"), sys.version), "pip": pip}))`;

function answerIn(lines: readonly string[]): Interpreter | undefined {
  for (const line of lines.toReversed()) {
    try {
      const { path, version, build, pip } = JSON.parse(line) as Record<string, unknown>;
      if ([path, version, build, pip].every((each) => typeof each === 'string'))
        return { path, version, build, pip } as Interpreter;
    } catch {
      // Something else was printed before.
    }
  }
  return undefined;
}

/** @param step unique in its context */
async function ask(
  python: string,
  step: string,
  context: CommandContext,
): Promise<Result<Interpreter, ConsumerFailure>> {
  const asked = await runTool(
    {
      ...{ step, failing: 'the package cannot be tried', cwd: context.directory.path },
      ...{ argv: [python, '-I', '-c', ASKED], env: chosenPython(context.env) },
    },
    context,
  );
  if (!asked.ok)
    return err({ ...asked.error, blame: asked.error.blame === 'package' ? 'machine' : asked.error.blame });
  const answer = answerIn(asked.value);
  if (answer !== undefined) return ok(answer);
  return err({
    blame: 'machine',
    message: `${python} does not answer as a Python would`,
    evidence: asked.value.slice(-6),
    hint: 'put another Python first on the PATH',
  });
}

/** The Python that a user gets without asking for a version. */
export async function firstInterpreter(
  context: CommandContext,
): Promise<Result<Interpreter, ConsumerFailure>> {
  const { PATH } = context.env;
  const [python] = ['python3', 'python'].flatMap((name) => findProgram(name, PATH) ?? []);
  if (python !== undefined) return ask(python, 'python', context);
  return err({
    blame: 'machine',
    message: 'Python is not installed, or not on the PATH: it is needed to try a package for Python',
    hint: 'install Python 3, or put its folder on the PATH',
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

const ON_PATH = /^python(3(?:\.\d+t?)?)?$/;
/** `3.13.0`, `3.13.0t`, `3.14-dev` */
const OF_PYENV = /^(3\.\d{1,3}(?:\.\d{1,3})?)\w{0,20}?(t?)(?:-dev)?$/;
/** `cpython-3.13.0-linux-x86_64-gnu`, `cpython-3.13.0+freethreaded-linux-x86_64-gnu` */
const OF_UV = /^cpython-(3\.\d{1,3}\.\d{1,3})\w{0,20}(\+freethreaded)?-/;

const onPath = ({ PATH = '' }: Environment): Candidate[] =>
  PATH.split(delimiter).flatMap((folder) =>
    namesIn(folder).flatMap((name): Candidate[] => {
      const version = ON_PATH.exec(name)?.[1];
      const promised = version?.includes('.') === true ? version : null;
      return ON_PATH.test(name) && findProgram(name, folder) !== undefined
        ? [{ path: join(folder, name), promised }]
        : [];
    }),
  );

function installedIn(folder: string, pattern: RegExp): Candidate[] {
  return namesIn(folder).flatMap((name): Candidate[] => {
    const [, version, free = ''] = pattern.exec(name) ?? [];
    const path = join(folder, name, 'bin', 'python3');
    if (version === undefined || findProgram(path, undefined) === undefined) return [];
    return [{ path, promised: `${version}${free === '' ? '' : 't'}` }];
  });
}

const orHome = (value: string | undefined, home: string | undefined, ...below: string[]): string =>
  value !== undefined && value !== '' ? value : join(home ?? '/', ...below);

/** In the order of preference. */
function candidatesOf(env: Environment): Candidate[] {
  const { HOME } = env;
  const data = orHome(env.XDG_DATA_HOME, HOME, '.local', 'share');
  return [
    ...onPath(env),
    ...installedIn(join(orHome(env.PYENV_ROOT, HOME, '.pyenv'), 'versions'), OF_PYENV),
    ...installedIn(orHome(env.UV_PYTHON_INSTALL_DIR, data, 'uv', 'python'), OF_UV),
  ];
}

/** Whether a version is what was asked for: `3.13` means each 3.13 with the global lock, and `3.13t` each without. */
export function isVersion(version: string, asked: string): boolean {
  if (version.endsWith('t') !== asked.endsWith('t')) return false;
  const [is, wanted] = [version, asked].map((each) => each.replace(/t$/, ''));
  return is === wanted || is?.startsWith(`${wanted}.`) === true;
}

/** Whether asking it may show that it is what was asked for. */
const mayBe = ({ promised }: Candidate, asked: string): boolean =>
  promised === null || isVersion(promised, asked) || isVersion(asked, promised);

/** Asks Pythons for what they are, each once. */
export class Interpreters {
  readonly #context: CommandContext;
  readonly #candidates: readonly Candidate[];
  readonly #known = new Map<string, Interpreter | undefined>();

  constructor(context: CommandContext) {
    this.#context = context;
    this.#candidates = candidatesOf(context.env);
  }

  async #ask({ path }: Candidate): Promise<Interpreter | undefined> {
    if (!this.#known.has(path)) {
      const answer = await ask(path, `python-${this.#known.size + 1}`, this.#context);
      // A shim of a version that is not chosen fails.
      this.#known.set(path, answer.ok ? answer.value : undefined);
    }
    return this.#known.get(path);
  }

  /** @param asked `3.13`, `3.13.0`, `3.13t` */
  async find(asked: string): Promise<Result<Interpreter, ConsumerFailure>> {
    if (!isUsable(asked))
      return err({
        blame: 'spec',
        message: `Python ${asked} cannot be used: a trial needs ${OLDEST.join('.')} or newer`,
        hint: 'name newer ones: --python 3.11,3.13',
      });
    for (const candidate of this.#candidates) {
      if (!mayBe(candidate, asked)) continue;
      const interpreter = await this.#ask(candidate);
      if (interpreter !== undefined && isVersion(interpreter.version, asked)) return ok(interpreter);
    }
    return this.#absent(asked);
  }

  async #absent(asked: string): Promise<Result<Interpreter, ConsumerFailure>> {
    const versions = new Set<string>();
    for (const candidate of this.#candidates) {
      const version = (await this.#ask(candidate))?.version;
      if (version !== undefined && isUsable(version)) versions.add(version);
    }
    const found = [...versions].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).join(', ');
    return err({
      blame: 'spec',
      message: `there is no Python ${asked} here: ${found === '' ? 'none was found' : `found ${found}`}`,
      hint: `install it (uv python install ${asked}, pyenv install ${asked}), or put its folder on the PATH`,
    });
  }
}
