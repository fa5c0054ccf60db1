/**
 * Containers, networks and projects of Compose of runs that nobody else will remove: the run is dead, and the folder is gone from which
 * its undo could be carried out. They are told by their labels. What is not ours, and what a run may still use, is not touched.
 */
import { lstatSync } from 'node:fs';
import { lifeOf, whereabouts } from '../../store/life.ts';
import { isRunId, type Runner, signPath } from '../../store/run-directory.ts';
import { FOLDER_LABEL, type Labels, RUN_LABEL, RUNNER_LABEL } from './arguments.ts';
import type { Engine } from './engine.ts';
import { removeProject } from './project.ts';

export interface Stray {
  readonly kind: 'container' | 'network' | 'project';
  readonly name: string;
  readonly run: string;
}

interface Labelled {
  readonly Name: string;
  readonly Labels: Labels | null;
}

const remove =
  (...words: readonly string[]) =>
  (name: string, engine: Engine): Promise<string | undefined> =>
    engine.ask([...words, name]).then(({ code, complaint }) => (code === 0 ? undefined : complaint));

/** What each kind is listed, shown and removed by: a network when nothing is in it any more. */
const KINDS = {
  container: {
    object: 'container',
    list: ['ps', '--all', '--quiet'],
    show: '{"Name":{{json .Name}},"Labels":{{json .Config.Labels}}}',
    remove: remove('rm', '--force', '--volumes'),
  },
  network: {
    object: 'network',
    list: ['network', 'ls', '--quiet'],
    show: '{"Name":{{json .Name}},"Labels":{{json .Labels}}}',
    remove: remove('network', 'rm'),
  },
  /** The volume that stands for it. */
  project: {
    object: 'volume',
    list: ['volume', 'ls', '--quiet'],
    show: '{"Name":{{json .Name}},"Labels":{{json .Labels}}}',
    remove: removeProject,
  },
} as const;

/** @returns those that may be removed, in an order in which they can be */
export async function straysIn(engine: Engine): Promise<Stray[]> {
  const found: Stray[] = [];
  for (const kind of ['container', 'network', 'project'] as const)
    found.push(...(await straysOf(kind, engine)));
  return found;
}

async function straysOf(kind: Stray['kind'], engine: Engine): Promise<Stray[]> {
  const { object, list, show } = KINDS[kind];
  const { code, out } = await engine.ask([...list, '--filter', `label=${RUN_LABEL}`]);
  const ids = linesOf(out);
  if (code !== 0 || ids.length === 0) return [];
  // One that has gone meanwhile makes this fail, and the others are shown all the same.
  const { out: shown } = await engine.ask([object, 'inspect', '--format', show, ...ids]);
  return linesOf(shown).flatMap((line) => {
    const { Name, Labels } = JSON.parse(line) as Labelled;
    const run = deadRun(Labels ?? {});
    return run === undefined ? [] : [{ kind, name: Name.replace(/^\//, ''), run }];
  });
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** @returns why it could not be removed; undefined if it is gone */
export async function removeStray({ kind, name }: Stray, engine: Engine): Promise<string | undefined> {
  const complaint = await KINDS[kind].remove(name, engine);
  return complaint !== undefined && /no such container|not found/i.test(complaint) ? undefined : complaint;
}

/** The run that these labels name, if it is known to be dead and its folder is gone. */
function deadRun(labels: Labels): string | undefined {
  const { [RUN_LABEL]: run = '', [FOLDER_LABEL]: folder = '', [RUNNER_LABEL]: text = '' } = labels;
  const runner = runnerIn(text);
  if (!isRunId(run) || folder === '' || !isGone(folder) || runner?.run !== run) return undefined;
  return lifeOf(runner, signPath(folder), whereabouts()) === 'dead' ? run : undefined;
}

/** What another user keeps from us is not gone. */
function isGone(path: string): boolean {
  try {
    lstatSync(path);
    return false;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}

function runnerIn(text: string): Runner | undefined {
  try {
    const runner = JSON.parse(text) as Runner;
    return Number.isInteger(runner.pid) && Number.isInteger(runner.startTicks) ? runner : undefined;
  } catch {
    return undefined;
  }
}
