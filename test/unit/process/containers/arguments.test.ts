/** What an engine's command line is told. */
import { expect, test } from 'vitest';
import type { ContainerSpec } from '../../../../src/core/suite.ts';
import { ms } from '../../../../src/core/units.ts';
import {
  buildArguments,
  createArguments,
  pullArguments,
} from '../../../../src/process/containers/arguments.ts';

const SPEC: ContainerSpec = {
  image: { type: 'name', name: 'postgres:16', timeout: ms(1) },
  command: null,
  ports: [],
  volumes: [],
  network: null,
  platform: null,
  init: false,
  options: [],
};
const create = (spec: Partial<ContainerSpec>, more: Partial<Parameters<typeof createArguments>[0]> = {}) =>
  createArguments({
    ...{ name: 'n', spec: { ...SPEC, ...spec }, image: 'postgres:16', labels: {}, env: {} },
    ...{ ownPort: null, published: new Map(), ...more },
  });

test('a container is named and labelled, and published on the loopback interface alone', () => {
  const { args } = create(
    { ports: [5432, 9000], volumes: ['/a:/b:ro', '/tmp'], platform: 'linux/arm64', init: true },
    {
      labels: { 'shakedown.run': 'r' },
      ownPort: 5432,
      published: new Map([
        [5432, 40001],
        [9000, 40002],
      ]),
    },
  );
  expect(args).toEqual([
    ...['create', '--name', 'n', '--pull', 'never', '--label', 'shakedown.run=r'],
    ...['--publish', '127.0.0.1:40001:5432', '--publish', '127.0.0.1:40002:9000'],
    ...['--volume', '/a:/b:ro', '--volume', '/tmp', '--platform', 'linux/arm64', '--init', 'postgres:16'],
  ]);
});

test('a value in the environment is not among the arguments, which anybody may read', () => {
  const { args, env } = create({}, { env: { POSTGRES_PASSWORD: 'secret', EMPTY: '' } });
  expect(args).toEqual(expect.arrayContaining(['--env', 'POSTGRES_PASSWORD', '--env', 'EMPTY']));
  expect(args.join(' ')).not.toContain('secret');
  expect(env).toEqual({ POSTGRES_PASSWORD: 'secret', EMPTY: '' });
});

test.for(['PATH', 'HOME', 'DOCKER_HOST', 'http_proxy', 'XDG_RUNTIME_DIR', 'LD_PRELOAD'])(
  'the command line keeps its own %s',
  (name) => {
    const { args, env } = create({}, { env: { [name]: 'x' } });
    expect(args).toContain(`${name}=x`);
    expect(env).toEqual({});
  },
);

test('options stand before the image, the command after it, with its port filled in', () => {
  const { args } = create(
    {
      options: ['--memory', '64m'],
      command: ['serve', '--port=$PORT', '${PORT}', '$PORTAL'],
      network: 'host',
    },
    { ownPort: 80 },
  );
  expect(args.slice(5)).toEqual([
    ...['--network', 'host', '--memory', '64m', 'postgres:16'],
    ...['serve', '--port=80', '80', '$PORTAL'],
  ]);
});

test('an image is fetched for the platform, and built as the config says', () => {
  expect(pullArguments('a:1', null)).toEqual(['pull', 'a:1']);
  expect(pullArguments('a:1', 'linux/arm64')).toEqual(['pull', '--platform', 'linux/arm64', 'a:1']);
  const source = {
    type: 'build',
    context: '/c',
    file: '/c/D',
    target: 't',
    args: { V: '1' },
    timeout: ms(1),
  } as const;
  expect(buildArguments({ source, platform: null, tag: 'tag', labels: { a: 'b' }, idFile: '/id' })).toEqual([
    ...['build', '--force-rm', '--tag', 'tag', '--iidfile', '/id', '--label', 'a=b'],
    ...['--file', '/c/D', '--target', 't', '--build-arg', 'V=1', '/c'],
  ]);
});
