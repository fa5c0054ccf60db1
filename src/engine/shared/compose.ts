/** Keeps a project of Compose alive for as long as somebody needs it. */
import { headline } from '../../core/headline.ts';
import type { Service, SharedCompose } from '../../core/suite.ts';
import { formatDuration } from '../../core/units.ts';
import { labelsOf } from '../../process/containers/arguments.ts';
import { ComposeProject, findCompose } from '../../process/containers/compose.ts';
import { containerName } from '../../process/containers/container.ts';
import { engineOf, noEngine } from '../../process/containers/engine.ts';
import { runLong } from '../../process/containers/run-long.ts';
import { describeExit } from '../../process/system/exit.ts';
import type { Outcome, Terms } from './instance.ts';
import { keepService } from './service.ts';

const ended = (...findings: Outcome['findings']): Outcome => ({ type: 'ended', findings });

const TAIL_LINES = 200;
const EVIDENCE_LINES = 15;

export async function keepCompose(shared: SharedCompose, terms: Terms): Promise<Outcome> {
  const { context } = terms;
  const { name: step, service, compose: spec } = shared;
  const engine = await engineOf(context);
  if (!engine.ok) return ended(noEngine(step, engine.error));
  const cli = await findCompose(engine.value);
  if (!cli.ok)
    return ended({
      code: 'no-engine',
      step,
      message: `${step} needs Compose, and there is none: ${cli.error.message}`,
      hint: cli.error.hint,
    });
  const project = new ComposeProject({
    ...{
      undos: context.undos,
      labels: labelsOf(context.directory),
      engine: engine.value,
      cli: cli.value,
      step,
      spec,
      env: service.env,
      grace: service.grace,
    },
    name: containerName(context.directory, context.id).toLowerCase().replaceAll('.', '-'),
  });
  const wrong = await project.check();
  if (wrong !== undefined) return ended(wrong);
  const refused = await project.create();
  if (refused !== undefined) return ended(refused, ...(await project.remove()));
  const prepared = await prepare(project, shared, terms);
  if (prepared !== undefined) return prepared;
  const kept: Service = { ...service, command: project.command };
  return keepService(
    kept,
    { ...terms, context: { ...context, container: project } },
    { variables: () => project.addresses() },
  );
}

/** Fetches, builds and makes what is lacking, which has a time limit of its own. */
async function prepare(
  project: ComposeProject,
  { name: step, service, compose }: SharedCompose,
  { context }: Terms,
): Promise<Outcome | undefined> {
  const { component, emit } = context;
  const limit = formatDuration(compose.timeout);
  const message = `${step}: fetching and building what it needs, for ${limit} at most`;
  emit({ type: 'service-waiting', component, service: step, message });
  const { command } = { command: project.preparation };
  const env = { ...context.env, ...service.env };
  const run = await runLong({ step, part: 'prepare', command, env, timeout: compose.timeout }, context);
  if (run.ok && run.value.exit?.code === 0) return undefined;
  const left = await project.remove();
  if (context.signal.aborted) return ended(...left);
  if (!run.ok) return ended(run.error, ...left);
  const { exit, scanner } = run.value;
  const lines = scanner.tail(TAIL_LINES);
  const why =
    exit === undefined
      ? `that took longer than ${limit}`
      : (headline(lines) ?? lines.at(-1) ?? `Compose ${describeExit(exit)}`);
  return ended(
    {
      code: 'compose-failed',
      step,
      message: `what ${step} needs could not be fetched, built or made: ${why}`,
      evidence: lines.slice(-EVIDENCE_LINES),
      hint:
        exit === undefined
          ? "give it longer, with pullTimeout: '15m'"
          : `the whole output of Compose is in ${context.log.path}`,
    },
    ...left,
  );
}
