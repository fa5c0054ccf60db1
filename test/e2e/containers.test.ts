/** Services in containers, with a real engine: how they start and are reached, how they end, and that nothing of them stays. */
import { afterAll, describe, expect, test } from 'vitest';
import { type Docker, IMAGE, lacking, startDocker } from '../rig/docker.ts';
import { Rig, type ShakedownRun } from '../rig/rig.ts';
import { componentOf, JSON_REPORT } from '../rig/services.ts';

const engine = lacking === undefined ? await startDocker().catch((error: Error) => error.message) : lacking;
if (typeof engine === 'string') console.warn(`SKIPPED: services in containers are not tried: ${engine}`);

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

describe.skipIf(typeof engine === 'string')('a service in a container', () => {
  const docker = engine as Docker;
  afterAll(async () => {
    await docker[Symbol.asyncDispose]();
  }, 60_000);

  const start = (rig: Rig, args: readonly string[] = []): ShakedownRun =>
    rig.start([...JSON_REPORT, ...args], docker.env);
  const nothingIsLeft = (): void => {
    expect({
      containers: docker.containers(),
      volumes: docker.volumes(),
      networks: docker.networks(),
    }).toEqual({
      containers: [],
      volumes: [],
      networks: [],
    });
  };

  test('is reached on a free port of the loopback interface, logs, is asked to end, and is removed with its volumes', async () => {
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
    expect(rig.read('.shakedown/latest/logs/shared-1-web.log')).toMatch(/serving[\s\S]*asked to end/);
    nothingIsLeft();
  });

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

  test('has the ports of the machine on its network', async () => {
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

  test.for<[string, object, string, RegExp]>([
    [
      'whose image does not exist',
      { image: 'nowhere.invalid/nothing:1', port: 1 },
      'no-image',
      /the image nowhere.invalid\/nothing:1 is not on this machine, and could not be fetched: .*nowhere.invalid/,
    ],
    [
      'whose command does not exist',
      { command: ['/nosuch'], port: 1 },
      'not-ready',
      /nosuch.* no such file or directory/,
    ],
    [
      'that ends at once',
      { command: ['/bin/sh', '-c', 'echo "no config" >&2; exit 2'], port: 1 },
      'not-ready',
      /^db exited with code 2 before it was ready: no config/,
    ],
    [
      'with an option that the engine refuses',
      { port: 1, options: ['--memory', 'much'] },
      'cannot-start',
      /could not be made: .*much/,
    ],
  ])('%s is reported as that', async ([, options, expected, message]) => {
    await using rig = await Rig.create();
    rig.config({ services: { db: container(options) }, components: { smoke: command('true', ['db']) } });
    expect((await start(rig).exit()).code).toBe(1);
    const { findings } = componentOf(rig.report(), 'smoke');
    expect(findings.map(({ code }) => code)).toEqual([expected]);
    expect(findings[0]?.message).toMatch(message);
    nothingIsLeft();
  });

  test('of which each component wants its own gets as many, and a signal of its own', async () => {
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
  });
});
