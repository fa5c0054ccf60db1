/** Packs the package, holds it against publint and attw, installs it into an empty folder, and uses it there. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'shakedown-package-'));
const run = (command: string, args: readonly string[], cwd: string): string => {
  process.stdout.write(`$ ${command} ${args.join(' ')}\n`);
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
};
const demand = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`the package is not in order: ${what}`);
};

try {
  const packed = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], '.')) as [
    { filename: string },
  ];
  const tarball = join(folder, packed[0].filename);
  run('npx', ['publint', tarball, '--strict'], '.');
  // The library is ESM only, on purpose: Node 20 users import it from a config, which is a module.
  run('npx', ['attw', tarball, '--profile', 'esm-only'], '.');

  const project = join(folder, 'project');
  mkdirSync(join(project, 'integration'), { recursive: true });
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, type: 'module' }),
  );
  run('npm', ['install', '--no-audit', '--no-fund', tarball], project);
  const thread = join(project, 'integration/thread');
  writeFileSync(thread, '#!/bin/sh\necho 1 operation checked\n');
  chmodSync(thread, 0o755);
  const shakedown = resolve(project, 'node_modules/.bin/shakedown');
  demand(
    run(shakedown, ['thread'], project).includes('PASSED  1 passed'),
    'a folder of scripts does not pass',
  );
  writeFileSync(
    join(project, 'shakedown.config.ts'),
    "import { command, defineSuite } from 'shakedown';\nexport default defineSuite({ components: { thread: command('./integration/thread') } });\n",
  );
  demand(run(shakedown, [], project).includes('PASSED  1 passed'), 'a typed config does not pass');
  const names = run(
    'node',
    ['--input-type=module', '--eval', "console.log(Object.keys(await import('shakedown')).join())"],
    project,
  );
  demand(
    names.trim() ===
      'command,compose,container,defineSuite,fault,http,init,load,runLoad,service,startService,task,threads,types',
    `the library exports ${names}`,
  );
  const schema = run('node', ['--print', "require('shakedown/schema.json').type"], project);
  demand(schema.trim() === 'object', 'the JSON Schema is not shipped');
  process.stdout.write('the package is in order\n');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
