/** Agents where the packages of Temporal, or its command, are not installed. */
import { cpSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { CLI, Rig } from '../rig/rig.ts';

const ROOT = join(dirname(CLI), '..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

test('what is lacking is told in a message with the command that installs it', async () => {
  await using rig = await Rig.create();
  const alone = join(rig.dir, 'alone');
  cpSync(dirname(CLI), join(alone, 'dist'), { recursive: true });
  rig.write('alone/package.json', '{ "type": "module", "version": "0.1.0" }');
  // What the base install has, and nothing else.
  for (const name of Object.keys(manifest.dependencies))
    rig.link(`alone/node_modules/${name}`, join(ROOT, 'node_modules', name));
  const run = (...args: string[]) =>
    rig.startProgram([process.execPath, join(alone, 'dist/cli.js'), ...args], { PATH: '/nowhere' }).exit();
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
