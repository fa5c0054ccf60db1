/** Services in containers, with a real engine: how they start and are reached, how they end, and that nothing of them stays. */
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { FindingCode } from '../../src/core/finding.ts';
import { whereabouts } from '../../src/store/life.ts';
import {
  type Docker,
  type Engine,
  hasCompose,
  IMAGE,
  lacking,
  smallImage,
  startDocker,
} from '../rig/docker.ts';
import { startImageRegistry } from '../rig/image-registry.ts';
import { lackingPodman, startPodman } from '../rig/podman.ts';
import { Rig, type ShakedownRun } from '../rig/rig.ts';
import { componentOf, JSON_REPORT } from '../rig/services.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

const engine = lacking ?? (await startDocker().catch((error: Error) => error.message));
if (typeof engine === 'string') console.warn(`SKIPPED: services in containers are not tried: ${engine}`);
const podman = lackingPodman ?? (await startPodman().catch((error: Error) => error.message));
if (typeof podman === 'string')
  console.warn(`SKIPPED: services in containers are not tried with Podman: ${podman}`);

// Even if every test of one of them is left out.
afterAll(async () => {
  for (const each of [engine, podman]) if (typeof each !== 'string') await each[Symbol.asyncDispose]();
}, 60_000);

if (!hasCompose) console.warn('SKIPPED: files of Compose are not tried: apt-get install docker-compose');

const container = (options: object) => ({ kind: 'container', image: IMAGE, ...options });
const command = (run: string, needs: readonly string[], options: object = {}) => ({
  kind: 'command',
  run,
  needs,
  ...options,
});

/** A server of HTTP on port 80 that says when it is asked to end. */
const WEB = [
  '/bin/sh',
  '-c',
  'trap "echo asked to end; exit 0" TERM; httpd -p 80 -h /www; echo serving; while :; do sleep 0.05; done',
] as const;

const expectNothing = (of: Engine): void => {
  const left = { containers: of.containers(), volumes: of.volumes(), networks: of.networks() };
  expect(left).toEqual({ containers: [], volumes: [], networks: [] });
};

/** What holds with any engine. */
const ENGINES = [
  { name: 'Docker', engine },
  { name: 'Podman', engine: podman },
] as const;

describe.each(ENGINES)('with $name a service in a container', ({ engine: found }) => {
  const isLacking = typeof found === 'string';
  const docker = found as Engine;
  const start = (rig: Rig): ShakedownRun => rig.start(JSON_REPORT, docker.env);
  const nothingIsLeft = (): void => expectNothing(docker);

  test.skipIf(isLacking)(
    'is reached on a free port of the loopback interface, logs, is asked to end, and is removed with its volumes',
    async () => {
      await using rig = await Rig.create();
      const client = rig.command();
      rig.write('www/index.html', 'hello');
      rig.config({
        services: {
          web: container({
            command: WEB,
            port: 80,
            ports: [81],
            volumes: ['./www:/www:ro', '/data'],
            network: 'suite',
            env: { GREETING: 'hi', PATH: '/bin:/usr/bin' },
            ready: { http: '/' },
          }),
        },
        components: { smoke: command(client.line, ['web']) },
      });
      const run = start(rig);
      const { env, exit } = await client.invocation().then((it) => ({ env: it.env, exit: () => it.exit(0) }));
      const port = Number(env.WEB_PORT);
      expect(await (await fetch(`${env.WEB_URL}`)).text()).toBe('hello');
      expect(Number(env.WEB_PORT_81)).toBeGreaterThan(0);
      const [name = ''] = docker.containers();
      expect(name).toMatch(/^shakedown-\d{8}-\d{6}-\w+-1-web$/);
      expect(docker.run('port', name, '80').trim()).toBe(`127.0.0.1:${port}`);
      expect(docker.run('exec', name, '/bin/sh', '-c', 'echo $GREETING $PORT $PATH')).toBe(
        'hi 80 /bin:/usr/bin\n',
      );
      expect(docker.volumes()).toHaveLength(1);
      await exit();
      expect((await run.exit()).code).toBe(0);
      expect(rig.read('.shakedown/latest/logs/web.log')).toMatch(/serving[\s\S]*asked to end/);
      nothingIsLeft();
    },
  );

  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  // By default one engine has to show that.
  test.skipIf(isLacking || (!isThorough && found !== engine))(
    'of a run that is killed is removed by the watchdog, with its volumes and network',
    async () => {
      await using rig = await Rig.create();
      const client = rig.command();
      rig.config({
        services: {
          web: container({ command: WEB, port: 80, volumes: ['/data', './www:/www:ro'], network: 'suite' }),
          user: container({
            ...{ command: ['sleep', '600'], network: 'suite', needs: ['web'] },
            ready: { exec: 'wget -qO- http://web/ | grep hello' },
          }),
        },
        components: { smoke: command(client.line, ['user']) },
      });
      rig.write('www/index.html', 'hello');
      const run = start(rig);
      await client.invocation();
      expect(docker.containers()).toHaveLength(2);
      expect(docker.networks()).toEqual([expect.stringMatching(/^shakedown-\d+-\d+-\w+$/)]);
      run.kill('SIGKILL');
      await run.exit();
      await until(() => docker.containers().length + docker.networks().length === 0);
      nothingIsLeft();
    },
  );
});

describe.skipIf(typeof engine === 'string')('a service in a container', () => {
  const docker = engine as Docker;
  const start = (rig: Rig, args: readonly string[] = []): ShakedownRun =>
    rig.start([...JSON_REPORT, ...args], docker.env);
  const nothingIsLeft = (): void => expectNothing(docker);

  test('is ready when it listens in its container, not when its engine does; a command asks inside', async () => {
    await using rig = await Rig.create();
    const serve = (port: number, body: string) => [
      '/bin/sh',
      '-c',
      `trap 'exit 0' TERM; ${body}; httpd -p ${port} -h /www; touch /tmp/up; while :; do sleep 0.05; done`,
    ];
    rig.config({
      services: {
        // Its engine accepts connections at once.
        late: container({ command: serve(80, 'sleep 0.5; echo late > /www/index.html'), port: 80 }),
        asked: container({
          command: serve(81, 'true'),
          port: 81,
          ready: { exec: 'test -f /tmp/up && test $PORT = 81' },
        }),
      },
      components: {
        smoke: command('curl -sSf $LATE_URL | grep late && curl -s $ASKED_URL >/dev/null', ['late', 'asked']),
      },
    });
    const { code, stdout } = await start(rig).exit();
    expect(stdout).toContain('PASSED');
    expect(code).toBe(0);
    nothingIsLeft();
  });

  test.runIf(isThorough)('has the ports of the machine on its network', async () => {
    await using rig = await Rig.create();
    rig.config({
      services: {
        web: container({
          command: [
            '/bin/sh',
            '-c',
            'trap "exit 0" TERM; echo $PORT > /www/index.html; httpd -p 127.0.0.1:$PORT -h /www; while :; do sleep 0.05; done',
          ],
          port: 0,
          network: 'host',
        }),
      },
      components: { smoke: command('test "$(curl -sf $WEB_URL)" = $WEB_PORT', ['web']) },
    });
    expect((await start(rig).exit()).code).toBe(0);
    nothingIsLeft();
  });

  test.runIf(isThorough)(
    'may have faults before it; where `prove` kills it, that is another one',
    async () => {
      await using rig = await Rig.create();
      const url = 'http://127.0.0.1:$PORT/index.html';
      rig.write('www/index.html', 'hello');
      rig.config({
        services: { web: container({ command: WEB, port: 80, volumes: ['./www:/www:ro'] }) },
        components: {
          smoke: {
            ...{ kind: 'http', use: 'web', via: { status: 503, first: 1 } },
            client: `! curl -sf ${url} && for n in 1 2 3; do curl -sSf ${url} | grep -q hello || exit 1; done`,
          },
        },
      });
      const run = rig.start(
        ['prove', '--fault', 'status-500', '--fault', 'server-dies', ...JSON_REPORT],
        docker.env,
      );
      expect((await run.exit()).code).toBe(0);
      const events = run.journal();
      const judged = events.flatMap((event) =>
        event.type === 'trial-judged' ? [`${event.component} ${event.judgement.outcome}`] : [],
      );
      expect(judged).toEqual(['smoke~status-500 proved', 'smoke~server-dies proved']);
      const ends = events.flatMap((event) => (event.type === 'shared-finished' ? [event] : []));
      expect(ends.map(({ shared, outcome, findings }) => [shared, outcome, findings])).toEqual([
        ['web@smoke~server-dies', 'ended', []],
        ['web', 'ended', []],
      ]);
      nothingIsLeft();
    },
  );

  test('that dies fails what needs it, with its last words', async () => {
    await using rig = await Rig.create();
    const client = rig.command();
    rig.config({
      services: {
        db: container({
          command: [
            '/bin/sh',
            '-c',
            'httpd -p 80 -h /www; until test -f /tmp/end; do sleep 0.05; done; echo "Error: disk on fire" >&2; exit 3',
          ],
          port: 80,
        }),
      },
      components: { smoke: command(client.line, ['db']) },
    });
    const run = start(rig);
    const invocation = await client.invocation();
    docker.run('exec', docker.containers()[0] ?? '', 'touch', '/tmp/end');
    expect((await run.exit()).code).toBe(1);
    const { findings } = componentOf(rig.report(), 'smoke');
    expect(findings[0]).toMatchObject({ code: 'service-died', exitCode: 3 });
    expect(findings[0]?.message).toMatch(
      /^db exited with code 3 while it was in use, .* Error: disk on fire$/,
    );
    await invocation.gone;
    nothingIsLeft();
  });

  /** What is wrong with a container, the finding, and what it says. */
  const FAILING: Readonly<Record<string, readonly [object, FindingCode, RegExp]>> = {
    unknown: [
      { image: 'nowhere.invalid/nothing:1', port: 1 },
      'no-image',
      /the image nowhere.invalid\/nothing:1 is not on this machine, and could not be fetched: .*nowhere.invalid/,
    ],
    commandless: [{ command: ['/nosuch'], port: 1 }, 'not-ready', /nosuch.* no such file or directory/],
    ending: [
      { command: ['/bin/sh', '-c', 'echo "no config" >&2; exit 2'], port: 1 },
      'not-ready',
      /^ending exited with code 2 before it was ready: no config/,
    ],
    greedy: [
      { command: ['tail', '/dev/zero'], port: 1, options: ['--memory', '16m'] },
      'not-ready',
      /^greedy ran out of memory and was killed \(exit code 137\) before it was ready/,
    ],
    sick: [
      {
        command: ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.05; done'],
        ready: { healthy: true },
        readyTimeout: '2s',
        options: [
          '--health-cmd',
          'echo no heartbeat; false',
          '--health-interval',
          '100ms',
          '--health-retries',
          '1',
        ],
      },
      'not-ready',
      /its health check says "(?:starting|unhealthy)".*/,
    ],
    refused: [{ port: 1, options: ['--memory', 'much'] }, 'cannot-start', /could not be made: .*much/],
  };
  test.runIf(isThorough)('that cannot be used is reported as what it is', async () => {
    await using rig = await Rig.create();
    const failing = Object.entries(FAILING);
    rig.config({
      services: Object.fromEntries(failing.map(([name, [options]]) => [name, container(options)])),
      components: Object.fromEntries(failing.map(([name]) => [`needs-${name}`, command('true', [name])])),
    });
    expect((await start(rig, ['--keep-going']).exit()).code).toBe(1);
    for (const [name, [, code, message]] of failing) {
      const { findings } = componentOf(rig.report(), `needs-${name}`);
      expect(findings).toMatchObject([{ code, message: expect.stringMatching(message) }]);
    }
    nothingIsLeft();
  });

  test.runIf(isThorough)(
    'is of an image that is built; one that cannot be is told in the words of the builder',
    async () => {
      await using rig = await Rig.create();
      const dockerfile = (line: string): string =>
        `FROM ${IMAGE}\nARG WORD=none\n${line}\nEXPOSE 80\nCMD ["/bin/sh", "-c", "trap 'exit 0' TERM; httpd -p 80 -h /www; while :; do sleep 0.05; done"]\n`;
      rig.write('image/Dockerfile', dockerfile('RUN mkdir -p /www && echo $WORD > /www/index.html'));
      rig.write('image/Bad', dockerfile('RUN echo "no compiler here" >&2 && false'));
      rig.config({
        services: {
          web: { kind: 'container', build: { context: 'image', args: { WORD: 'built' } }, port: 80 },
          bad: { kind: 'container', build: { context: 'image', file: 'Bad' }, port: 80 },
        },
        components: {
          smoke: command('test "$(curl -sS $WEB_URL)" = built', ['web']),
          unbuilt: command('true', ['bad']),
        },
      });
      const { code, stdout } = await start(rig, ['--keep-going']).exit();
      expect(code).toBe(1);
      expect(componentOf(rig.report(), 'smoke').verdict, stdout).toBe('passed');
      const { findings } = componentOf(rig.report(), 'unbuilt');
      expect(findings.map((each) => each.code)).toEqual(['build-failed']);
      expect(findings[0]?.message).toMatch(/^the image of bad could not be built: /);
      expect(findings[0]?.evidence?.join('\n')).toContain('no compiler here');
      expect(stdout).toContain('no compiler here');
      const images = (): string[] =>
        docker.run('images', '--quiet', '--filter', 'label=shakedown.run').split('\n').filter(Boolean);
      expect(images()).toHaveLength(1);
      // Another image takes its place, and no other stays without a name.
      rig.write(
        'image/Dockerfile',
        dockerfile('RUN mkdir -p /www && echo $WORD > /www/index.html && touch /other'),
      );
      expect((await start(rig, ['smoke']).exit()).code).toBe(0);
      expect(images()).toHaveLength(1);
      nothingIsLeft();
    },
  );

  test.runIf(isThorough)(
    'is of an image that is fetched, within a time limit, or built, within another',
    async () => {
      await using rig = await Rig.create();
      await using registry = await startImageRegistry(smallImage(), { Env: ['PATH=/bin'] });
      rig.write('image/Dockerfile', `FROM ${IMAGE}\nRUN sleep 600\n`);
      const healthy = {
        image: registry.image,
        command: ['/bin/sh', '-c', 'sleep 0.3; touch /tmp/up; sleep 60'],
        ready: { healthy: true },
        options: ['--health-cmd', 'test -f /tmp/up', '--health-interval', '100ms'],
      };
      const tmp = ['--tmpfs', '/tmp'];
      rig.config({
        services: {
          fetched: container({ ...healthy, options: [...healthy.options, ...tmp] }),
          late: container({ image: registry.endless, port: 1, pullTimeout: '1s' }),
          slow: { kind: 'container', build: { context: 'image', timeout: '1s' }, port: 1 },
        },
        components: {
          good: command('true', ['fetched']),
          pull: command('true', ['late']),
          build: command('true', ['slow']),
        },
      });
      const run = start(rig, ['--keep-going']);
      expect((await run.exit()).code).toBe(1);
      const { components } = rig.report();
      expect(components.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
        'good passed',
        'pull failed',
        'build failed',
      ]);
      const of = (name: string) => componentOf(rig.report(), name).findings[0];
      expect(of('pull')).toMatchObject({
        code: 'no-image',
        message: `the image ${registry.endless} is not on this machine, and could not be fetched: that took longer than 1.00 s`,
        hint: expect.stringContaining("pullTimeout: '15m'"),
      });
      expect(of('build')).toMatchObject({
        code: 'build-failed',
        message: 'the image of slow could not be built: it took longer than 1.00 s',
      });
      const said = run
        .journal()
        .flatMap((event) => (event.type === 'service-waiting' ? [event.message] : []));
      expect(said).toContainEqual(
        expect.stringContaining(`fetched: fetching the image ${registry.image}, for `),
      );
      const fetched = rig.report().services?.find(({ name }) => name === 'fetched');
      expect(rig.read(fetched?.logFile ?? '')).toContain('Pull complete');
      docker.run('rmi', '--force', registry.image);
      nothingIsLeft();
    },
  );

  describe('of a run that is killed', () => {
    test('is found by its labels where the folder of the run is gone, and no other is touched', async () => {
      await using rig = await Rig.create();
      const run = '20261127-090000-abcdef';
      const runner = { run, pid: 2 ** 22 + 1, startTicks: 1, ...whereabouts(), group: null };
      const labels = (folder?: string): string[] => {
        const all = { run, runner: JSON.stringify(runner), folder };
        return Object.entries(folder === undefined ? {} : all).flatMap(([label, value]) => [
          '--label',
          `shakedown.${label}=${value}`,
        ]);
      };
      const create = (name: string, folder?: string): void =>
        void docker.run('create', '--name', name, ...labels(folder), IMAGE, 'true');
      docker.run('network', 'create', ...labels(join(rig.dir, 'gone')), 'strait');
      create('stray', join(rig.dir, 'gone'));
      create('kept', rig.dir);
      create('foreign');
      const ofProject = ['--label', 'com.docker.compose.project=heap'];
      docker.run('volume', 'create', ...labels(join(rig.dir, 'gone')), 'heap');
      docker.run('volume', 'create', ...ofProject, 'heap_data');
      docker.run('network', 'create', ...ofProject, 'heap_default');
      docker.run(
        'create',
        '--name',
        'heap-web-1',
        ...ofProject,
        '--volume',
        'heap_data:/data',
        IMAGE,
        'true',
      );
      docker.run('tag', IMAGE, 'heap-web');
      const dry = await rig.run(['sweep', '--dry-run'], docker.env);
      const all = ['container stray', 'network strait', 'project heap'];
      expect(dry.stdout).toBe(
        all.map((each) => `would remove ${each} of run ${run}, whose folder is gone\n`).join(''),
      );
      expect(docker.containers().sort()).toEqual(['foreign', 'heap-web-1', 'kept', 'stray']);
      expect(docker.networks().sort()).toEqual(['heap_default', 'strait']);
      expect(await rig.run(['sweep'], docker.env)).toMatchObject({ code: 0 });
      expect([docker.networks(), docker.volumes()]).toEqual([[], []]);
      expect(docker.run('images', '--quiet', 'heap-web')).toBe('');
      expect(docker.containers().sort()).toEqual(['foreign', 'kept']);
      docker.run('rm', 'foreign', 'kept');
    });
  });

  test.runIf(isThorough)(
    'of which each component wants its own gets as many, and a signal of its own',
    async () => {
      await using rig = await Rig.create();
      const serve = [
        '/bin/sh',
        '-c',
        'trap "echo quit; exit 0" QUIT; httpd -p 80 -h /www; while :; do sleep 0.05; done',
      ];
      rig.config({
        services: { web: container({ command: serve, port: 80, fresh: true, stop: 'SIGQUIT' }) },
        components: { a: command('true', ['web']), b: command('true', ['web']) },
      });
      const { code } = await start(rig, ['--jobs', '2']).exit();
      expect(code).toBe(0);
      expect(rig.report().services?.map(({ name, kind }) => [name.split('@')[0], kind])).toEqual([
        ['web', 'container'],
        ['web', 'container'],
      ]);
      expect(rig.report().services?.flatMap(({ findings }) => findings)).toEqual([]);
      nothingIsLeft();
    },
  );

  describe.skipIf(!hasCompose)('of a file of Compose', () => {
    const web = (port: string, script = '') => `
  web:
    image: ${IMAGE}
    command: ["/bin/sh", "-c", "trap 'echo bye; exit 0' TERM; ${script} mkdir -p /www; echo $$WORD > /www/index.html; httpd -p 80 -h /www; while :; do sleep 0.05; done"]
    environment: { WORD: "\${WORD:-nothing}" }
    ports: ["${port}"]
    volumes: ["data:/data"]
`;
    const file = (services: string) => `version: "2.4"\nservices:${services}\nvolumes:\n  data: {}\n`;

    test('starts under a name of its own, and is removed with its volumes and networks', async () => {
      await using rig = await Rig.create();
      const client = rig.command();
      rig.write(
        'stack.yaml',
        file(
          `${web('127.0.0.1::80')}\n  once:\n    build: once\n    command: ["/bin/true"]\n    network_mode: none\n`,
        ),
      );
      rig.write('once/Dockerfile', `FROM ${IMAGE}\nCMD ["/bin/true"]\n`);
      rig.config({
        services: { stack: { kind: 'compose', file: 'stack.yaml', env: { WORD: 'composed' } } },
        components: { smoke: command(client.line, ['stack']) },
      });
      const run = start(rig);
      const invocation = await client.invocation();
      expect(await (await fetch(`${invocation.env.STACK_WEB_URL}`)).text()).toBe('composed\n');
      const built = (): string => docker.run('images', '--quiet', '--filter', 'reference=shakedown-*-stack*');
      expect(built()).not.toBe('');
      expect(docker.networks()).toHaveLength(1);
      // The first is that by which the project is known.
      expect(docker.volumes()).toEqual([
        expect.stringMatching(/^shakedown-\d+-\d+-\w+-1-stack$/),
        expect.stringMatching(/^shakedown-\d+-\d+-\w+-1-stack_data$/),
      ]);
      await invocation.exit(0);
      expect((await run.exit()).code).toBe(0);
      expect(rig.read('.shakedown/latest/logs/stack.log')).toContain('bye');
      expect(built()).toBe('');
      nothingIsLeft();
    });

    const DIES = "trap 'exit 4' QUIT; (until test -f /tmp/end; do sleep 0.05; done; kill -QUIT 1) &";
    test.runIf(isThorough)(
      'fails what needs it when one of its services dies and the others go on',
      async () => {
        await using rig = await Rig.create();
        const client = rig.command();
        rig.write(
          'stack.yaml',
          file(`${web('127.0.0.1::80')}${web('127.0.0.1::80', DIES).replace('web:', 'api:')}`),
        );
        rig.config({
          services: { stack: { kind: 'compose', file: 'stack.yaml' } },
          components: { smoke: command(client.line, ['stack']) },
        });
        const run = start(rig);
        await client.invocation();
        docker.run(
          'exec',
          docker.containers().find((name) => /[-_]api[-_]/.test(name)) ?? '',
          'touch',
          '/tmp/end',
        );
        expect((await run.exit()).code).toBe(1);
        const { findings } = componentOf(rig.report(), 'smoke');
        expect(findings[0]?.message).toMatch(
          /^stack ended: its service api exited with code 4 while it was in use/,
        );
        nothingIsLeft();
      },
    );

    const mistaken: [string, string, RegExp][] = [
      [
        'that does not parse',
        'services:\n  web: [\n',
        /stack\.yaml cannot be used by Compose: .*(?:line 3|yaml)/,
      ],
      [
        'one of whose services ends',
        file(`\n  web:\n    image: ${IMAGE}\n    command: ["/bin/sh", "-c", "echo no config; exit 3"]\n`),
        /^stack ended: its service web exited with code 3 before it was ready: no config$/,
      ],
      [
        'whose image does not exist',
        file('\n  web:\n    image: nowhere.invalid/nothing:1\n'),
        /^what stack needs could not be fetched, built or made: .*nowhere\.invalid/,
      ],
    ];
    test.for(inTurn(mistaken))('%s is told so', async ([, text, message]) => {
      await using rig = await Rig.create();
      rig.write('stack.yaml', text);
      rig.config({
        services: { stack: { kind: 'compose', file: 'stack.yaml' } },
        components: { smoke: command('true', ['stack']) },
      });
      expect((await start(rig).exit()).code).toBe(1);
      const { findings } = componentOf(rig.report(), 'smoke');
      expect(findings[0]?.message).toMatch(message);
      nothingIsLeft();
    });
  });
});
