/**
 * Containers of runs that nobody else will remove: the run is dead, and the folder is gone from which its undo could be
 * carried out. They are told by their labels. What is not ours, and what a run may still use, is not touched.
 */
import { existsSync } from 'node:fs';
import { lifeOf, whereabouts } from '../../store/life.ts';
import { isRunId, type Runner, signPath } from '../../store/run-directory.ts';
import { FOLDER_LABEL, type Labels, RUN_LABEL, RUNNER_LABEL } from './arguments.ts';
import type { Engine } from './engine.ts';

export interface Stray {
  readonly name: string;
  readonly run: string;
}

interface Labelled {
  readonly Name: string;
  readonly Config: { readonly Labels: Labels | null };
}

/** @returns those that may be removed */
export async function strayContainers(engine: Engine): Promise<Stray[]> {
  const { code, out } = await engine.ask(['ps', '--all', '--quiet', '--filter', `label=${RUN_LABEL}`]);
  const ids = out.split('\n').filter((line) => line !== '');
  if (code !== 0 || ids.length === 0) return [];
  // One that has gone meanwhile makes this fail, and the others are shown all the same.
  const { out: shown } = await engine.ask(['container', 'inspect', ...ids]);
  return (JSON.parse(shown) as Labelled[]).flatMap(({ Name, Config }) => {
    const run = deadRun(Config.Labels ?? {});
    return run === undefined ? [] : [{ name: Name.replace(/^\//, ''), run }];
  });
}

/** @returns why it could not be removed; undefined if it is gone */
export async function removeStray({ name }: Stray, engine: Engine): Promise<string | undefined> {
  const { code, complaint } = await engine.ask(['rm', '--force', '--volumes', name]);
  return code === 0 || /no such container/i.test(complaint) ? undefined : complaint;
}

/** The run that these labels name, if it is known to be dead and its folder is gone. */
function deadRun(labels: Labels): string | undefined {
  const { [RUN_LABEL]: run = '', [FOLDER_LABEL]: folder = '', [RUNNER_LABEL]: text = '' } = labels;
  const runner = runnerIn(text);
  if (!isRunId(run) || folder === '' || existsSync(folder) || runner?.run !== run) return undefined;
  return lifeOf(runner, signPath(folder), whereabouts()) === 'dead' ? run : undefined;
}

function runnerIn(text: string): Runner | undefined {
  try {
    const runner = JSON.parse(text) as Runner;
    return Number.isInteger(runner.pid) && Number.isInteger(runner.startTicks) ? runner : undefined;
  } catch {
    return undefined;
  }
}
