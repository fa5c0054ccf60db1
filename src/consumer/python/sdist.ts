/** Makes sdists, and builds wheels from them, as those do for whom no wheel fits. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../../core/result.ts';
import { copyProject } from '../../files/copy-project.ts';
import type { CommandContext } from '../../process/run-owned.ts';
import type { ConsumerFailure } from '../failure.ts';
import { installerEnvironment } from './environment.ts';
import { isNotFound, runTool } from './run-tool.ts';
import type { PythonSpec } from './spec.ts';
import type { PythonTools } from './tools.ts';

/**
 * Makes the sdist of a folder, of a copy, so that it leaves nothing there.
 *
 * @param folder absolute path of a folder for what is made
 */
export async function makeSdist(
  path: string,
  folder: string,
  { interpreter, pip, uv }: PythonTools,
  context: CommandContext,
): Promise<Result<PythonSpec, ConsumerFailure>> {
  const copy = join(folder, 'copy');
  copyProject(path, copy);
  const out = join(folder, 'made');
  const env = installerEnvironment(context.env);
  const call = { failing: 'no sdist can be made of it', cwd: folder, env };
  const tool = join(folder, 'tool');
  if (uv === undefined) {
    const install = [...pip, 'install', '--target', tool, 'build'] as const;
    const had = await runTool(
      { ...call, step: 'sdist-tool', argv: [...install] as [string, ...string[]] },
      context,
    );
    if (!had.ok)
      return err({ ...had.error, blame: had.error.blame === 'package' ? 'machine' : had.error.blame });
  }
  const made = await runTool(
    {
      ...{ ...call, step: 'sdist', env: { ...env, PYTHONPATH: tool } },
      argv:
        uv === undefined
          ? [interpreter.path, '-m', 'build', '--sdist', '--outdir', out, copy]
          : [uv, 'build', '--sdist', '--python', interpreter.path, '--out-dir', out, copy],
    },
    context,
  );
  if (!made.ok) return made;
  const file = readdirSync(out).find((name) => name.endsWith('.tar.gz'));
  if (file !== undefined) return ok({ type: 'sdist', path: join(out, file) });
  return err({ blame: 'package', message: 'the build of its sdist made no file' });
}

/**
 * @param from an sdist, or what an index has of one version
 * @param folder absolute path of a folder for what is made
 * @returns absolute path of the wheel
 */
export async function buildFromSdist(
  from: PythonSpec,
  folder: string,
  { pip }: PythonTools,
  context: CommandContext,
): Promise<Result<string, ConsumerFailure>> {
  const wheels = mkdtempSync(join(folder, 'wheels-'));
  const what =
    from.type === 'index' ? ['--no-binary', from.name, `${from.name}${from.version}`] : [from.path];
  const failing = 'its sdist cannot be built';
  const argv: [string, ...string[]] = [...pip, 'wheel', '--no-deps', '--wheel-dir', wheels, ...what];
  const env = installerEnvironment(context.env);
  const built = await runTool({ step: 'sdist-wheel', failing, argv, cwd: folder, env }, context);
  if (!built.ok)
    return isNotFound(built.error.evidence ?? []) && from.type === 'index'
      ? err({ blame: 'spec', message: `there is no sdist of ${from.name}${from.version}` })
      : built;
  const file = readdirSync(wheels).find((name) => name.endsWith('.whl'));
  return file === undefined
    ? err({ blame: 'package', message: `${failing}: pip made no file` })
    : ok(join(wheels, file));
}
