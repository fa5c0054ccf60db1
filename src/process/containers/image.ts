/** The image of a container: here already, fetched, or built. */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import { headline } from '../../core/headline.ts';
import { err, ok, type Result } from '../../core/result.ts';
import {
  type Command,
  type ContainerSpec,
  type ImageSource,
  STOP_SIGNALS,
  type StopSignal,
} from '../../core/suite.ts';
import { formatDuration } from '../../core/units.ts';
import type { CommandContext } from '../run-owned.ts';
import { describeExit, type Exit } from '../system/exit.ts';
import { buildArguments, type Labels, pullArguments } from './arguments.ts';
import type { Engine } from './engine.ts';
import { runLong } from './run-long.ts';

export interface Image {
  /** By which a container is made of it. */
  readonly id: string;
  /** The signal that it wants to be asked to end by, if it is one that asks. */
  readonly stopSignal: StopSignal | undefined;
}

export interface ImageContext extends CommandContext {
  /** Called with what is done, if it may take a while. */
  readonly onWait?: (message: string) => void;
}

/** What an image is for. */
export interface Wanted {
  /** The service. */
  readonly step: string;
  readonly spec: Pick<ContainerSpec, 'image' | 'platform'>;
  readonly labels: Labels;
}

const TAIL_LINES = 200;
const EVIDENCE_LINES = 15;

/** @returns the image; or why there is none; undefined if that was cut short */
export async function obtainImage(
  wanted: Wanted,
  engine: Engine,
  context: ImageContext,
): Promise<Result<Image, Finding | undefined>> {
  const { image } = wanted.spec;
  const made =
    image.type === 'name'
      ? await fetchImage(wanted, image, engine, context)
      : await build(wanted, image, engine, context);
  if (!made.ok) return made;
  return ok({ id: made.value, stopSignal: await stopSignalOf(made.value, engine) });
}

async function stopSignalOf(image: string, engine: Engine): Promise<StopSignal | undefined> {
  const { out } = await engine.ask(['image', 'inspect', '--format', '{{.Config.StopSignal}}', image]);
  return STOP_SIGNALS.find((signal) => signal === out.trim() || signal === `SIG${out.trim()}`);
}

const isHere = async (name: string, engine: Engine): Promise<boolean> =>
  (await engine.ask(['image', 'inspect', '--format', '{{.Id}}', name])).code === 0;

const callOf = ({ program }: Engine, args: readonly string[]): Command => ({
  type: 'argv',
  argv: [program, ...args],
});

async function fetchImage(
  wanted: Wanted,
  { name, timeout }: Extract<ImageSource, { type: 'name' }>,
  engine: Engine,
  context: ImageContext,
): Promise<Result<string, Finding | undefined>> {
  if (await isHere(name, engine)) return ok(name);
  const { step, spec } = wanted;
  context.onWait?.(`${step}: fetching the image ${name}, for ${formatDuration(timeout)} at most`);
  const run = await runLong(
    {
      step,
      part: 'pull',
      command: callOf(engine, pullArguments(name, spec.platform)),
      env: context.env,
      timeout,
    },
    context,
  );
  if (!run.ok) return run;
  const { exit, scanner } = run.value;
  if (exit?.code === 0) return ok(name);
  if (context.signal.aborted) return err(undefined);
  const lines = scanner.tail(TAIL_LINES);
  const why =
    exit === undefined ? `that took longer than ${formatDuration(timeout)}` : lastWords(lines, exit);
  return err({
    code: 'no-image',
    step,
    message: `the image ${name} is not on this machine, and could not be fetched: ${why}`,
    evidence: lines.slice(-EVIDENCE_LINES),
    hint:
      exit === undefined
        ? `give it longer, with pullTimeout: '15m', or fetch it beforehand: ${engine.name} pull ${name}`
        : `check its name and tag, and whether you must log in; \`${engine.name} pull ${name}\` shows the same`,
  });
}

const lastWords = (lines: readonly string[], exit: Exit): string => {
  const words = headline(lines) ?? lines.at(-1);
  return (words ?? `the command ${describeExit(exit)}`).replace(/^Error response from daemon: /, '');
};

/** Stays the same from run to run, so that an engine has one image of each service, and not one of each run. */
const tagOf = (step: string, { context }: Extract<ImageSource, { type: 'build' }>): string =>
  `shakedown-${createHash('sha256').update(context).digest('hex').slice(0, 12)}-${step.toLowerCase().replace(/[^a-z0-9]+/g, '-')}:latest`;

async function build(
  wanted: Wanted,
  source: Extract<ImageSource, { type: 'build' }>,
  engine: Engine,
  context: ImageContext,
): Promise<Result<string, Finding | undefined>> {
  const { step, spec, labels } = wanted;
  const tag = tagOf(step, source);
  const idFile = join(context.directory.leases, `${context.id.replace(/[^\w.-]/g, '+')}.image`);
  const former = (await engine.ask(['image', 'inspect', '--format', '{{.Id}}', tag])).out.trim();
  context.onWait?.(`${step}: building its image, for ${formatDuration(source.timeout)} at most`);
  const args = buildArguments({ source, platform: spec.platform, tag, labels, idFile });
  const run = await runLong(
    { step, part: 'build', command: callOf(engine, args), env: context.env, timeout: source.timeout },
    context,
  );
  if (!run.ok) return run;
  const { exit, scanner } = run.value;
  const lines = scanner.tail(TAIL_LINES);
  if (exit?.code === 0) {
    const id = readFileSync(idFile, 'utf8').trim();
    rmSync(idFile, { force: true });
    // Without its name it would stay for ever. One that others use is kept by the engine.
    if (former !== '' && former !== id) await engine.ask(['image', 'rm', former]);
    return ok(id);
  }
  if (context.signal.aborted) return err(undefined);
  const why =
    exit === undefined ? `it took longer than ${formatDuration(source.timeout)}` : lastWords(lines, exit);
  return err({
    code: 'build-failed',
    step,
    message: `the image of ${step} could not be built: ${why}`,
    evidence: lines.slice(-EVIDENCE_LINES),
    hint:
      exit === undefined
        ? "give it longer, with build: { context: '.', timeout: '20m' }"
        : `it is built from ${source.file ?? 'the Dockerfile'} in ${source.context}; the whole output of the builder is in ${context.log.path}`,
  });
}
