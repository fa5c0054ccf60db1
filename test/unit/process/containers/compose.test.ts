/** A project of Compose, with a command line that prints what version 1 (1.29.2) and version 2 (2.40.3) were seen to print. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Command } from '../../../../src/core/suite.ts';
import { ms } from '../../../../src/core/units.ts';
import { ComposeProject, findCompose } from '../../../../src/process/containers/compose.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'compose-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** What a program does. */
interface Says {
  readonly code?: number;
  readonly complaint?: string;
}

/** @returns its path; it notes how it is called */
function program(name: string, { code = 0, complaint = '' }: Says): string {
  const file = join(dir, name);
  writeFileSync(join(dir, `${name}.says`), complaint);
  writeFileSync(file, `#!/bin/sh\necho "$*" >> ${file}.calls\ncat ${file}.says >&2\nexit ${code}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** @param lists what the engine lists of the project, by the first word of the question */
function project(says: Says, lists: Readonly<Record<string, string>> = {}) {
  const cli = program('docker-compose', says);
  const env = { PATH: process.env.PATH ?? '' };
  const undone: string[] = [];
  const removals: Command[] = [];
  const asked: string[] = [];
  const made = new ComposeProject({
    engine: {
      ...{ name: 'docker', program: join(dir, 'docker'), env },
      ask: async (args) => {
        asked.push(args.join(' '));
        return { code: 0, out: lists[args[0] ?? ''] ?? '', complaint: '', isLate: false };
      },
    },
    labels: { 'shakedown.run': 'r' },
    cli: [cli],
    ...{ step: 'stack', name: 'x1', env: {}, grace: 1000 },
    spec: { files: ['/p/stack.yaml'], services: [], schemes: { db: 'postgres' }, timeout: ms(1) },
    undos: {
      register: ({ command, title }) => {
        removals.push(command);
        return { learn: () => {}, done: () => undone.push(title), carryOut: async () => true };
      },
    },
  });
  return {
    made,
    undone,
    removals,
    asked,
    calls: () => readFileSync(`${cli}.calls`, 'utf8').split('\n').filter(Boolean),
  };
}

describe('what does not parse is told in the words of Compose alone', () => {
  test.each([
    [
      'version 1',
      'yaml.parser.ParserError: while parsing a flow node\nexpected the node content, but found \'<stream end>\'\n  in "./bad.yaml", line 3, column 1\n',
      'yaml.parser.ParserError: while parsing a flow node; expected the node content, but found \'<stream end>\'; in "./bad.yaml", line 3, column 1',
    ],
    [
      'version 2',
      'time="2026-11-27T16:04:00Z" level=warning msg="/p/stack.yaml: the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion"\nvalidating /p/stack.yaml: services.web additional properties \'imag\' not allowed\n',
      "validating /p/stack.yaml: services.web additional properties 'imag' not allowed",
    ],
  ])('%s', async (_, complaint, why) => {
    const { made, calls } = project({ code: 1, complaint });
    expect(await made.check()).toMatchObject({
      code: 'compose-failed',
      message: `/p/stack.yaml cannot be used by Compose: ${why}`,
    });
    expect(calls()).toEqual(['--project-name x1 --file /p/stack.yaml config --quiet']);
  });
});

test('a URL begins as the suite says of its service, and otherwise with http', async () => {
  const up = (service: string, own: string, HostPort: string) => ({
    State: { Status: 'running', Running: true, Pid: 1, ExitCode: 0 },
    Config: { Labels: { 'com.docker.compose.service': service } },
    NetworkSettings: { Ports: { [`${own}/tcp`]: [{ HostIp: '127.0.0.1', HostPort }] } },
  });
  const listed = JSON.stringify([up('db', '5432', '32001'), up('web', '80', '32002')]);
  const { made } = project({}, { container: listed, ps: listed });
  expect(await made.addresses()).toMatchObject({
    ...{ STACK_DB_URL: 'postgres://127.0.0.1:32001', STACK_DB_PORT: '32001' },
    STACK_WEB_URL: 'http://127.0.0.1:32002',
  });
});

describe('of what it has made', () => {
  const DOWN =
    '--project-name x1 --file /p/stack.yaml down --volumes --remove-orphans --rmi local --timeout 1';

  const removed = async (says: Says, lists?: Readonly<Record<string, string>>) => {
    const { made, undone, asked, calls } = project(says, lists);
    expect(await made.create()).toBeUndefined();
    const left = await made.remove();
    expect(calls()).toEqual([DOWN]);
    const marks = asked.filter((question) => /^volume (?!ls)/.test(question));
    expect(marks[0]).toBe('volume create --label shakedown.run=r x1');
    return { left, undone, isMarked: marks[1] !== 'volume rm x1' };
  };

  test('nothing is left, its images included', async () => {
    const complaint = ' Container x1-web-1  Removed\n Network x1_default  Removed\n';
    expect(await removed({ complaint })).toEqual({
      ...{ left: [], isMarked: false },
      undone: ['removal of what Compose has started for "stack"'],
    });
  });

  test('what version 1 fails to remove is a finding, and is tried again', async () => {
    const complaint =
      'Removing x1_web_1 ... \r\nRemoving x1_web_1 ... done\r\nRemoving network x1_default\nerror while removing network: network x1_default id 0123 has active endpoints\n';
    const { left, undone, isMarked } = await removed({ code: 1, complaint });
    expect({ undone, isMarked }).toEqual({ undone: [], isMarked: true });
    expect(left).toEqual([
      {
        code: 'container-left',
        step: 'stack',
        message:
          'what Compose had started for stack could not be removed: error while removing network: network x1_default id 0123 has active endpoints',
        hint: `remove it with \`${dir}/docker-compose ${DOWN}\``,
      },
    ]);
  });

  test('so is what version 2 leaves because somebody else uses it, which it calls a success', async () => {
    const complaint =
      ' Container x1-web-1  Stopping\n Container x1-web-1  Removed\n Network x1_default  Resource is still in use\n Volume x1_data  Removed\n';
    const { left, undone, isMarked } = await removed({ complaint }, { network: 'x1_default\n' });
    expect({ undone, isMarked }).toEqual({ undone: [], isMarked: true });
    expect(left).toMatchObject([
      {
        code: 'container-left',
        message:
          'what Compose had started for stack could not be removed: the network x1_default is still there',
      },
    ]);
  });
});

describe('the command that removes it, as for `sweep`', () => {
  /** @param list what the engine does when it is asked for networks */
  const carriedOut = async (says: Says, list: string) => {
    const { made, removals } = project(says);
    await made.create();
    const docker = join(dir, 'docker');
    writeFileSync(docker, `#!/bin/sh\necho "$*" >> ${docker}.calls\ncase $1 in network) ${list} ;; esac\n`);
    chmodSync(docker, 0o755);
    const [command] = removals;
    if (command?.type !== 'shell') throw new Error('it is no line of a shell');
    const { status, stdout } = spawnSync('/bin/sh', ['-c', command.line], { encoding: 'utf8' });
    const calls = existsSync(`${docker}.calls`) ? readFileSync(`${docker}.calls`, 'utf8') : '';
    return { status, stdout, isMarked: !calls.includes('volume rm x1\n') };
  };

  test.each<[string, Says, string, Awaited<ReturnType<typeof carriedOut>>]>([
    ['does', {}, ':', { status: 0, stdout: '', isMarked: false }],
    ['fails with Compose', { code: 3 }, ':', { status: 3, stdout: '', isMarked: true }],
    ['fails where the engine does not answer', {}, 'exit 7', { status: 7, stdout: '', isMarked: true }],
    [
      'fails although version 2 of Compose has left a network and calls that a success',
      {},
      'echo x1_default; echo x1_other',
      { status: 1, stdout: 'still there, by docker network ls: x1_default x1_other\n', isMarked: true },
    ],
  ])('%s', async (_, says, list, outcome) => {
    expect(await carriedOut(says, list)).toEqual(outcome);
  });
});

test('it is the plugin of Docker, or else a program of its own', async () => {
  const engineThat = (code: number) => ({
    ...{ name: 'docker' as const, program: '/bin/docker', env: { PATH: dir } },
    ask: async () => ({ code, out: '', complaint: '', isLate: false }),
  });
  expect(await findCompose(engineThat(0))).toEqual({ ok: true, value: ['/bin/docker', 'compose'] });
  expect(await findCompose(engineThat(1))).toMatchObject({
    ok: false,
    error: {
      message:
        '`docker compose` is not there, docker-compose is not installed, podman-compose is not installed',
    },
  });
  const standalone = program('docker-compose', {});
  expect(await findCompose(engineThat(1))).toEqual({ ok: true, value: [standalone] });
});
