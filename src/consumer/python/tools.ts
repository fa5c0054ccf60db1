/** The Python, pip and uv with which packages are installed. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../../core/result.ts';
import { findProgram } from '../../files/find-program.ts';
import type { CommandContext } from '../../process/run-owned.ts';
import { cacheFolder, isKept, pruneCache } from '../../store/consumer-cache.ts';
import type { ConsumerFailure } from '../failure.ts';
import { placeDraft } from './draft.ts';
import { installerEnvironment } from './environment.ts';
import { firstInterpreter, type Interpreter } from './interpreters.ts';
import { type Argv, runTool } from './run-tool.ts';

export interface PythonTools {
  readonly interpreter: Interpreter;
  /** A pip that can install into other environments. */
  readonly pip: Argv;
  readonly uv: string | undefined;
}

/** Since then pip can install into another environment. */
const OLDEST_PIP = [22, 3];

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldest = 0, oldestMinor = 0] = OLDEST_PIP;
  return major > oldest || (major === oldest && minor >= oldestMinor);
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

/** @param chosen a Python other than the first on the PATH */
export async function findTools(
  context: CommandContext,
  chosen?: Interpreter,
): Promise<Result<PythonTools, ConsumerFailure>> {
  const found = chosen === undefined ? await firstInterpreter(context) : ok(chosen);
  if (!found.ok) return found;
  const interpreter = found.value;
  const uv = findProgram('uv', context.env.PATH);
  if (isNewEnough(interpreter.pip)) return ok({ interpreter, uv, pip: [interpreter.path, '-m', 'pip'] });
  const own = await ownPip(interpreter, uv, context);
  return own.ok ? ok({ interpreter, uv, pip: own.value }) : own;
}
