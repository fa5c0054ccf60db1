/** The Python, pip and uv with which packages are installed. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../../core/result.ts';
import type { Environment } from '../../core/suite.ts';
import { findProgram } from '../../files/find-program.ts';
import type { CommandContext } from '../../process/run-owned.ts';
import { cacheFolder, isKept, pruneCache } from '../../store/consumer-cache.ts';
import type { ConsumerFailure } from '../failure.ts';
import { placeDraft } from './draft.ts';
import { chosenPython, installerEnvironment } from './environment.ts';
import { type Argv, runTool } from './run-tool.ts';

/** What was learned of a Python by asking it. */
export interface Interpreter {
  /** Absolute path of the program itself, and not of a shim. */
  readonly path: string;
  /** `3.13.0` */
  readonly version: string;
  /** Tells apart those of the same version. */
  readonly build: string;
}

export interface PythonTools {
  readonly interpreter: Interpreter;
  /** A pip that can install into other environments. */
  readonly pip: Argv;
  readonly uv: string | undefined;
}

const ASKED = `import json, sys, sysconfig
try:
    import pip
    pip = pip.__version__
except ImportError:
    pip = ""
print(json.dumps({"path": sys.executable, "version": sys.version.split()[0],
    "build": "%s %s" % (sysconfig.get_config_var("SOABI"), sys.version), "pip": pip}))`;

/** Since then pip can install into another environment. */
const OLDEST_PIP = [22, 3];

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldest = 0, oldestMinor = 0] = OLDEST_PIP;
  return major > oldest || (major === oldest && minor >= oldestMinor);
}

type Answer = Interpreter & { readonly pip: string };

function answerIn(lines: readonly string[]): Answer | undefined {
  for (const line of lines.toReversed()) {
    try {
      const { path, version, build, pip } = JSON.parse(line) as Record<string, unknown>;
      if ([path, version, build, pip].every((each) => typeof each === 'string'))
        return { path, version, build, pip } as Answer;
    } catch {
      // Something else was printed before.
    }
  }
  return undefined;
}

async function ask(python: string, context: CommandContext): Promise<Result<Answer, ConsumerFailure>> {
  const asked = await runTool(
    {
      ...{ step: 'python', failing: 'the package cannot be tried', cwd: context.directory.path },
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

const PIP_MADE = 'pip.json';

/** An environment of our own with a pip in it: for a Python that has none, or too old a one. */
async function ownPip(
  { path, build }: Interpreter,
  uv: string | undefined,
  context: CommandContext,
): Promise<Result<Argv, ConsumerFailure>> {
  const cache = cacheFolder('pips', context.env);
  const folder = join(cache, Buffer.from(`${path} ${build}`).toString('base64url').slice(-40));
  const pip: Argv = [join(folder, 'bin', 'python'), '-m', 'pip'];
  if (isKept(join(folder, PIP_MADE))) return ok(pip);
  pruneCache(cache);
  const draft = mkdtempSync(`${folder}.`);
  const env = installerEnvironment(context.env);
  const call = { failing: 'there is no pip, and none can be had', cwd: draft, env };
  const steps: [Argv, ...Argv[]] = [
    uv === undefined
      ? [path, '-m', 'venv', draft]
      : [uv, 'venv', '--seed', '--allow-existing', '--python', path, draft],
    [join(draft, 'bin', 'python'), '-m', 'pip', 'install', '--upgrade', 'pip>=22.3'],
  ];
  for (const [index, argv] of steps.entries()) {
    const done = await runTool({ ...call, step: `pip-${index + 1}`, argv }, context);
    if (!done.ok)
      return err({ ...done.error, blame: done.error.blame === 'package' ? 'machine' : done.error.blame });
  }
  writeFileSync(join(draft, PIP_MADE), '{}');
  placeDraft(draft, folder);
  return ok(pip);
}

const pythonOn = ({ PATH }: Environment): string | undefined =>
  ['python3', 'python'].flatMap((name) => findProgram(name, PATH) ?? [])[0];

export async function findTools(context: CommandContext): Promise<Result<PythonTools, ConsumerFailure>> {
  const python = pythonOn(context.env);
  if (python === undefined)
    return err({
      blame: 'machine',
      message: 'Python is not installed, or not on the PATH: it is needed to try a package for Python',
      hint: 'install Python 3, or put its folder on the PATH',
    });
  const answer = await ask(python, context);
  if (!answer.ok) return answer;
  const { pip, ...interpreter } = answer.value;
  const uv = findProgram('uv', context.env.PATH);
  if (isNewEnough(pip)) return ok({ interpreter, uv, pip: [interpreter.path, '-m', 'pip'] });
  const own = await ownPip(interpreter, uv, context);
  return own.ok ? ok({ interpreter, uv, pip: own.value }) : own;
}
