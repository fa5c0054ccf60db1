/** What an engine's command line is told. */

import type { ContainerSpec, Environment, ImageSource } from '../../core/suite.ts';
import type { RunDirectory } from '../../store/run-directory.ts';

/** Labels by which our containers, networks and images are known. */
export const RUN_LABEL = 'shakedown.run';
/** Whose it is, as in the `runner.json` of the run. */
export const RUNNER_LABEL = 'shakedown.runner';
/** The folder of the run. */
export const FOLDER_LABEL = 'shakedown.folder';

/** The labels of everything that a run makes. */
export const labelsOf = ({ run, runner, path }: Pick<RunDirectory, 'run' | 'runner' | 'path'>): Labels => ({
  [RUN_LABEL]: run,
  [RUNNER_LABEL]: JSON.stringify(runner),
  [FOLDER_LABEL]: path,
});

export type Labels = Readonly<Record<string, string>>;

export interface ToCreate {
  readonly name: string;
  readonly spec: ContainerSpec;
  /** The image: its name, or its id. */
  readonly image: string;
  readonly labels: Labels;
  /** Its environment, besides that of the image. */
  readonly env: Environment;
  /** The port that it is to listen on itself. */
  readonly ownPort: number | null;
  /** The ports of the host, by those of the container that are published there. */
  readonly published: ReadonlyMap<number, number>;
}

export const labelled = (labels: Labels): string[] =>
  Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]);

/** Variables that mean something to the command line itself: it must keep its own. */
const OF_THE_CLI =
  /^(?:PATH|HOME|USER|TMPDIR|LANG|LC_\w+|TERM|SHELL|LD_\w+|XDG_\w+|SSH_\w+|DOCKER_\w+|BUILDKIT_\w+|CONTAINERS?_\w+|STORAGE_\w+|GO\w+|SSL_\w+|SHAKEDOWN_\w+|\w+_PROXY)$/i;

/**
 * The variables that a container gets: most by name alone, so that the command line takes the values from its own
 * environment, since everybody on the machine can read the arguments of a process.
 */
function variables(env: Environment): { readonly args: string[]; readonly env: Environment } {
  const entries = Object.entries(env);
  return {
    args: entries.flatMap(([name, value]) => ['--env', OF_THE_CLI.test(name) ? `${name}=${value}` : name]),
    env: Object.fromEntries(entries.filter(([name]) => !OF_THE_CLI.test(name))),
  };
}

/** Replaces `$PORT` and `${PORT}`. */
const filledIn = (words: readonly string[], port: number | null): readonly string[] =>
  port === null ? words : words.map((word) => word.replace(/\$PORT\b|\$\{PORT\}/g, String(port)));

/** @returns the arguments of `create`, and the environment that it needs for them */
export function createArguments(what: ToCreate): { readonly args: string[]; readonly env: Environment } {
  const { name, spec, image, labels, ownPort, published } = what;
  const { args: passed, env } = variables(what.env);
  const args = [
    ...['create', '--name', name, '--pull', 'never'],
    ...labelled(labels),
    ...passed,
    ...[...published].flatMap(([own, host]) => ['--publish', `127.0.0.1:${host}:${own}`]),
    ...spec.volumes.flatMap((volume) => ['--volume', volume]),
    ...(spec.network === null ? [] : ['--network', spec.network]),
    ...(spec.platform === null ? [] : ['--platform', spec.platform]),
    ...(spec.init ? ['--init'] : []),
    ...spec.options,
    image,
    ...filledIn(spec.command ?? [], ownPort),
  ];
  return { args, env };
}

export const pullArguments = (name: string, platform: string | null): string[] => [
  'pull',
  ...(platform === null ? [] : ['--platform', platform]),
  name,
];

export interface ToBuild {
  readonly source: Extract<ImageSource, { type: 'build' }>;
  readonly platform: string | null;
  readonly tag: string;
  readonly labels: Labels;
  /** The file that the id of the image is written to. */
  readonly idFile: string;
}

export const buildArguments = ({ source, platform, tag, labels, idFile }: ToBuild): string[] => [
  // Of a build that fails, some builders leave a container otherwise.
  ...['build', '--force-rm', '--tag', tag, '--iidfile', idFile],
  ...labelled(labels),
  ...(source.file === null ? [] : ['--file', source.file]),
  ...(source.target === null ? [] : ['--target', source.target]),
  ...(platform === null ? [] : ['--platform', platform]),
  ...Object.entries(source.args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
  source.context,
];
