/** Agents where the packages of Temporal, or its command, are not installed. */
import { cpSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { CLI, Rig, type ShakedownRun } from '../rig/rig.ts';
import { codesOf, componentOf, JSON_REPORT } from '../rig/services.ts';

const ROOT = join(dirname(CLI), '..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

/** A copy of the program with what the base install has, and nothing else. */
function install(rig: Rig): (...args: string[]) => ReturnType<ShakedownRun['exit']> {
  const alone = join(rig.dir, 'alone');
  cpSync(dirname(CLI), join(alone, 'dist'), { recursive: true });
  rig.write('alone/package.json', '{ "type": "module", "version": "0.1.0" }');
  for (const name of Object.keys(manifest.dependencies))
    rig.link(`alone/node_modules/${name}`, join(ROOT, 'node_modules', name));
  return (...args) =>
    rig.startProgram([process.execPath, join(alone, 'dist/cli.js'), ...args], { PATH: '/nowhere' }).exit();
}

test('what is lacking is told in a message with the command that installs it', async () => {
  await using rig = await Rig.create();
  const run = install(rig);
  const joining = ['--join', 'localhost:1'];
  const [agent, load, cluster] = await Promise.all([
    run('agent', ...joining),
    run('load', 'http://127.0.0.1:1/', '--agents', '2', ...joining),
    run('cluster', 'dev'),
  ]);
  for (const { code, stderr } of [agent, load]) {
    expect(stderr).toMatch(
      /^shakedown: agents need the packages of Temporal, which are not installed\n\s+npm install( @temporalio\/\w+@1\.24){4}\n$/,
    );
    expect(code).toBe(2);
  }
  expect(cluster.code).toBe(2);
  expect(cluster.stderr).toMatch(/no program `temporal` in the PATH.*\n.*go install/);
});

const SERVER = `require('node:http').createServer((_, response) => response.end()).listen(process.env.PORT);`;

/** Suites whose load no agent can send, each with why. */
const SUITES: readonly [name: string, client: object, message: RegExp, hint: RegExp][] = [
  [
    'without the packages of Temporal',
    { agents: { count: 2, join: 'localhost:1' } },
    /^agents need the packages of Temporal, which are not installed$/,
    /^npm install( @temporalio\/\w+@1\.24){4}$/,
  ],
  [
    'without the API key that the server knows us by',
    { agents: { count: 2, join: 'localhost:1', apiKeyEnv: 'NO_SUCH_KEY' } },
    /^`agents\.apiKeyEnv` NO_SUCH_KEY: that variable is not set$/,
    /export it/,
  ],
  [
    'from other machines, which would send to themselves',
    { agents: { count: 2, join: 'temporal.example:7233', apiKeyEnv: 'NO_SUCH_KEY' } },
    /^the service is reached at (127\.0\.0\.1|::1) only, .* for agents that meet at temporal\.example:7233$/,
    /`connectTo`/,
  ],
];

test('a component whose load agents cannot send is inconclusive, with what to do', async () => {
  await using rig = await Rig.create();
  const run = install(rig);
  rig.write('server.cjs', SERVER);
  const server = { run: [process.execPath, 'server.cjs'], port: 0 };
  const components = SUITES.map(([name, client]): [string, object] => [
    name.replace(/\W+/g, '-'),
    { kind: 'http', server, client: { kind: 'load', requests: 40, ...client }, thresholds: ['p99 < 1s'] },
  ]);
  rig.config({ components: Object.fromEntries(components) });
  const { code, stdout } = await run(...JSON_REPORT, '--keep-going');
  expect(code, stdout).toBe(3);
  for (const [place, [name]] of components.entries()) {
    const component = componentOf(rig.report(), name);
    expect(codesOf(component), name).toEqual(['agents-refused']);
    const [, , message, hint] = SUITES[place] ?? [];
    expect(component.findings[0]).toMatchObject({
      message: expect.stringMatching(message ?? ''),
      hint: expect.stringMatching(hint ?? ''),
    });
  }
});
