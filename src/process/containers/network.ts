/** The network of a run, in which its containers find each other by their names. It is removed at the end of the run. */
import type { Finding } from '../../core/finding.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { type ContainerSpec, SUITE_NETWORK } from '../../core/suite.ts';
import type { RunDirectory } from '../../store/run-directory.ts';
import type { UndoRegister } from '../undo/undos.ts';
import { labelled, labelsOf } from './arguments.ts';
import type { Reply } from './ask.ts';
import type { Engine } from './engine.ts';
import { registerRemoval } from './undoing.ts';

interface OfRun {
  readonly directory: Pick<RunDirectory, 'run' | 'runner' | 'path'>;
  readonly undos: UndoRegister;
}

const made = new WeakMap<OfRun['directory'], Promise<Reply>>();

const networkName = ({ run }: OfRun['directory']): string => `shakedown-${run}`;

/** It is made for the first container that is to be in it. */
function make(engine: Engine, { directory, undos }: OfRun): Promise<Reply> {
  const name = networkName(directory);
  const remove = `'${engine.program}' network rm ${name}`;
  const isThere = `'${engine.program}' network inspect ${name} >/dev/null 2>&1`;
  // Not every engine takes it well that there is nothing to remove.
  const command = { type: 'shell', line: `${remove} || ! ${isThere}` } as const;
  registerRemoval(undos, 'network', command, engine.env, 'the network of the containers');
  return engine.ask(['network', 'create', ...labelled(labelsOf(directory)), name]);
}

/**
 * @param step the service in the container
 * @returns the container as an engine is told of it, under its name in the network if it is to be in that; or why there is none
 */
export async function withNetwork(
  step: string,
  spec: ContainerSpec,
  engine: Engine,
  run: OfRun,
): Promise<Result<ContainerSpec, Finding>> {
  if (spec.network !== SUITE_NETWORK) return ok(spec);
  const making = made.get(run.directory) ?? make(engine, run);
  made.set(run.directory, making);
  const { code, complaint } = await making;
  if (code === 0)
    return ok({
      ...spec,
      network: networkName(run.directory),
      options: ['--network-alias', step, ...spec.options],
    });
  return err({
    code: 'cannot-start',
    step,
    message: `the network of the containers, in which ${step} is to be, could not be made: ${complaint}`,
    hint: `${engine.name} refused it; \`${engine.name} network create NAME\` shows the same`,
  });
}
