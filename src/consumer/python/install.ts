/** Installs a Python package as a user with only pip, or uv, and an empty virtual environment would. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { err, ok, type Result } from '../../core/result.ts';
import type { CommandContext } from '../../process/run-owned.ts';
import { cacheFolder, isKept, pruneCache } from '../../store/consumer-cache.ts';
import type { ConsumerFailure } from '../failure.ts';
import { MADE, SCRATCH } from '../install.ts';
import { type InstalledDistribution, readDistribution, VENV } from './distribution.ts';
import { placeDraft } from './draft.ts';
import { chosenPython, indexSettings, installerEnvironment } from './environment.ts';
import type { Interpreter } from './interpreters.ts';
import { obtainWheel } from './obtain-wheel.ts';
import { type Argv, runTool } from './run-tool.ts';
import type { PythonSpec } from './spec.ts';
import { findTools, type PythonTools } from './tools.ts';
import { readWheel } from './wheel.ts';

/** Bumped when the layout of a consumer changes, so that older ones are not reused. */
const LAYOUT = 1;

/** The identity of a consumer: the wheel's content, and the Python. */
function keyOf(wheel: string, beside: readonly string[], { interpreter, uv }: PythonTools): string {
  const hash = createHash('sha256').update(readFileSync(wheel));
  const { path, build } = interpreter;
  hash.update(JSON.stringify([LAYOUT, basename(wheel), path, build, uv !== undefined, ...beside]));
  return hash.digest('hex').slice(0, 24);
}

/** uv would link to the files of its cache, which code of the package could then change for everybody. */
const installing = (wheels: readonly string[], python: string, { pip, uv }: PythonTools): Argv =>
  uv === undefined
    ? [...pip, '--python', python, 'install', '--no-compile', ...wheels]
    : [uv, 'pip', 'install', '--python', python, '--link-mode', 'copy', '--no-progress', ...wheels];

async function makeConsumer(
  wheel: string,
  beside: readonly string[],
  tools: PythonTools,
  folder: string,
  context: CommandContext,
): Promise<ConsumerFailure | undefined> {
  const draft = mkdtempSync(`${folder}.`);
  mkdirSync(join(draft, SCRATCH));
  const own = join(draft, basename(wheel));
  copyFileSync(wheel, own);
  const venv = join(draft, VENV);
  const failing = 'it cannot be installed in an empty environment';
  const steps = [
    {
      step: 'venv',
      argv: [tools.interpreter.path, '-m', 'venv', '--without-pip', venv],
      env: chosenPython(context.env),
    },
    {
      step: 'install',
      argv: installing([own, ...beside], join(venv, 'bin', 'python'), tools),
      env: installerEnvironment(context.env),
    },
  ] as const;
  for (const step of steps) {
    const done = await runTool({ ...step, failing, cwd: draft }, context);
    if (done.ok) continue;
    rmSync(draft, { recursive: true, force: true });
    return done.error;
  }
  writeFileSync(join(draft, MADE), '{}');
  placeDraft(draft, folder);
  return undefined;
}

/**
 * Builds or fetches a package, and installs it in a virtual environment of its own. An environment with the same
 * content is reused, with neither pip nor network.
 *
 * @param chosen a Python other than the first on the PATH
 * @returns the installed package; or why it cannot be installed
 */
export async function installDistribution(
  spec: PythonSpec,
  context: CommandContext,
  chosen?: Interpreter,
): Promise<Result<InstalledDistribution, ConsumerFailure>> {
  const tools = await findTools(context, chosen);
  if (!tools.ok) return tools;
  const wheel = await obtainWheel(spec, tools.value, context);
  if (!wheel.ok) return wheel;
  const contents = readWheel(wheel.value);
  if (contents === undefined)
    return err({
      blame: spec.type === 'wheel' ? 'spec' : 'package',
      message: `${basename(wheel.value)} cannot be read as a wheel`,
      hint: 'build it anew, and do not rename it: its name says what it is; its metadata has at most 64 MB',
    });
  const { describes } = contents;
  const beside = describes === null ? [] : [describes];
  const whole = await obtainConsumer(wheel.value, beside, tools.value, context);
  // What cannot be had beside it is no fault of its own.
  const isAlone = !whole.ok && whole.error.blame === 'package' && beside.length > 0;
  const alone = { ...context, id: join(context.id, 'alone') };
  const made = isAlone ? await obtainConsumer(wheel.value, [], tools.value, alone) : whole;
  if (!made.ok) return made;
  const { folder, isReused } = made.value;
  const installed = readDistribution(realpathSync(folder), contents.name);
  if (installed === undefined)
    return err({
      blame: 'package',
      message: 'it was installed, but there is no metadata of it',
      hint: 'build the wheel anew',
    });
  return ok({
    ...installed,
    pythonVersion: tools.value.interpreter.version,
    ...{ wheel: contents, source: spec, tools: tools.value, indexes: indexSettings(context.env), isReused },
    hasDescribed: describes !== null && !isAlone,
  });
}

async function obtainConsumer(
  wheel: string,
  beside: readonly string[],
  tools: PythonTools,
  context: CommandContext,
): Promise<Result<{ readonly folder: string; readonly isReused: boolean }, ConsumerFailure>> {
  const cache = cacheFolder('environments', context.env);
  const folder = join(cache, keyOf(wheel, beside, tools));
  if (isKept(join(folder, MADE))) return ok({ folder, isReused: true });
  pruneCache(cache);
  const failure = await makeConsumer(wheel, beside, tools, folder, context);
  return failure === undefined ? ok({ folder, isReused: false }) : err(failure);
}
