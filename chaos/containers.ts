/**
 * Services in containers among the behaviours, by a real engine of the harness's own. Their processes belong to the engine; the folder
 * of the trial is mounted where it is outside, so that they say that they were born and hold the marker as all others do.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Docker, hasCompose, IMAGE, lacking, startDocker } from '../test/rig/docker.ts';
import { type Behaviour, programPath, type Site } from './behaviours.ts';
import type { Say } from './daemons.ts';

/** A service of the suite that an engine keeps. */
export interface Box {
  readonly prepare: (site: Site) => void;
  /** Its options. @param waits whether it is to be ready only when there is a file `ready` */
  readonly service: (site: Site, waits: boolean) => object;
  /** What there is of it, as the engine says. */
  readonly left: (site: Site) => string[];
  /** Removes that. */
  readonly remove: (site: Site) => void;
}

/** An engine for all trials, and somebody else's container in it. */
export interface Harbour {
  readonly behaviours: readonly Behaviour[];
  /** Ends the engine. @returns what was not as it should be */
  readonly close: () => Promise<string[]>;
}

/** The names of its behaviours. */
export const NEED_ENGINE: readonly string[] = ['container', 'networked', 'compose'];

export const NO_HARBOUR: Harbour = { behaviours: [], close: async () => [] };

/** How Compose marks what belongs to a trial: but for one volume, it has no labels of the run. */
const STAGE_LABEL = 'chaos.stage';
const BYSTANDER = 'bystander';
const HERE = join(programPath('child.sh'), '..');
const CHILD = ['/bin/sh', programPath('hold.sh'), '/bin/sh', programPath('child.sh')];

/** @returns the behaviours that need an engine; none, loudly, where none can be had */
export async function openHarbour(say: Say): Promise<Harbour> {
  const docker = lacking ?? (await startDocker().catch((error: Error) => error.message));
  if (typeof docker === 'string') {
    say(`SKIPPED: container, networked and compose are not among the behaviours: ${docker}`);
    return NO_HARBOUR;
  }
  // Every trial's Shakedown finds it there.
  process.env.DOCKER_HOST = docker.env.DOCKER_HOST;
  docker.run(
    'run',
    '--detach',
    '--name',
    BYSTANDER,
    '--network',
    'none',
    '--volume',
    '/data',
    IMAGE,
    'sleep',
    '86400',
  );
  if (!hasCompose) say('SKIPPED: compose is not among the behaviours: apt-get install docker-compose');
  return {
    behaviours: [
      boxed('container', containers(docker, 'none')),
      boxed('networked', containers(docker, 'suite')),
      ...(!hasCompose ? [] : [boxed('compose', composed(docker))]),
    ],
    close: async () => {
      const faults = amiss(docker);
      await docker[Symbol.asyncDispose]();
      return faults;
    },
  };
}

const boxed = (name: string, box: Box): Behaviour => ({
  name,
  births: 1,
  // Where an innocent does the same, it is outside of any container.
  command: () => ['sh', programPath('child.sh')],
  isSteady: true,
  box,
});

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** The engine of all trials after the last: it has what it had before the first. */
function amiss(docker: Docker): string[] {
  const isRunning = docker.run('inspect', '--format', '{{.State.Running}}', BYSTANDER).trim() === 'true';
  const own = docker.run('inspect', '--format', '{{range .Mounts}}{{.Name}}{{end}}', BYSTANDER).trim();
  const left = (what: string, names: readonly string[], ...except: readonly string[]): string[] =>
    names
      .filter((name) => !except.includes(name))
      .map((name) => `after all trials a ${what} is left: ${name}`);
  return [
    ...(isRunning ? [] : ["somebody else's container was ended"]),
    ...left('container', docker.containers(), BYSTANDER),
    ...left('volume', docker.volumes(), own),
    ...left('network', docker.networks()),
  ];
}

const KINDS = [
  { what: 'container', list: ['ps', '--all'], name: 'Names', remove: ['rm', '--force', '--volumes'] },
  { what: 'network', list: ['network', 'ls'], name: 'Name', remove: ['network', 'rm'] },
  { what: 'volume', list: ['volume', 'ls'], name: 'Name', remove: ['volume', 'rm'] },
] as const;

/** What an engine has, of one kind. */
type Kind = (typeof KINDS)[number];

/** What there is of a trial, and its removal. @param mine which of a kind is the trial's */
const trace = (
  docker: Docker,
  mine: (site: Site, kind: Kind) => readonly string[],
): Pick<Box, 'left' | 'remove'> => ({
  left: (site) => KINDS.flatMap((kind) => mine(site, kind).map((name) => `a ${kind.what} is left: ${name}`)),
  remove: (site) => {
    for (const kind of KINDS) for (const name of mine(site, kind)) docker.run(...kind.remove, name);
  },
});

/** The names of those whose label says that the run of a trial has made them. */
const ofRun =
  (docker: Docker) =>
  ({ folder }: Site, { list, name }: Kind): string[] =>
    lines(docker.run(...list, '--format', `{{.${name}}} {{.Label "shakedown.folder"}}`))
      .map((line) => line.split(' '))
      .flatMap(([named = '', of = '']) => (of.startsWith(`${folder}/`) ? [named] : []));

/** @param network in which they are; that of the suite is made and removed by the run */
function containers(docker: Docker, network: 'none' | 'suite'): Box {
  return {
    prepare: () => {},
    service: ({ folder }, waits) => ({
      ...{ kind: 'container', image: IMAGE, command: CHILD, network },
      volumes: [`${folder}:${folder}`, `${HERE}:${HERE}:ro`, '/data'],
      options: ['--workdir', folder],
      ready: waits ? { file: 'ready' } : { exec: 'test -s births' },
    }),
    ...trace(docker, ofRun(docker)),
  };
}

const COMPOSE_FILE = 'compose.json';

function composed(docker: Docker): Box {
  const made = ofRun(docker);
  const mine = (site: Site, kind: Kind): string[] => [
    ...lines(docker.run(...kind.list, '--quiet', '--filter', `label=${STAGE_LABEL}=${site.folder}`)),
    ...made(site, kind),
  ];
  return {
    prepare: ({ folder }) => {
      const labels = { [STAGE_LABEL]: folder };
      const waits = { test: ['CMD', 'test', '-f', 'ready'], interval: '300ms', retries: 1000 };
      const volumes = [`${folder}:${folder}`, `${HERE}:${HERE}:ro`, 'kept:/kept', '/data'];
      const child = { image: IMAGE, command: CHILD, working_dir: folder, volumes, labels };
      const text = (health: object): string =>
        JSON.stringify({
          version: '2.4',
          services: { child: { ...child, ...health } },
          volumes: { kept: { labels } },
          networks: { default: { labels } },
        });
      writeFileSync(join(folder, COMPOSE_FILE), text({}));
      writeFileSync(join(folder, `waiting-${COMPOSE_FILE}`), text({ healthcheck: waits }));
    },
    service: (_, waits) => ({ kind: 'compose', file: waits ? `waiting-${COMPOSE_FILE}` : COMPOSE_FILE }),
    ...trace(docker, mine),
  };
}

const LOOK_EVERY = 100;

/**
 * @param limit how long they may be there, in ms
 * @returns what is left then
 */
export async function leftOf(box: Box, site: Site, limit: number): Promise<string[]> {
  for (const deadline = performance.now() + limit; ; await delay(LOOK_EVERY)) {
    const left = box.left(site);
    if (left.length === 0 || performance.now() > deadline) return left;
  }
}
