import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mayPass, strangersEnvironment, strangersShell } from '../../../src/consumer/environment.ts';

test('what programs need to work passes', () => {
  for (const name of [
    'PATH',
    'HOME',
    'LC_ALL',
    'https_proxy',
    'HTTPS_PROXY',
    'CXXFLAGS',
    'PYTHON',
    'NVM_DIR',
    'npm_config_cache',
    'npm_package_name',
    'npm_lifecycle_event',
    'SHAKEDOWN_RUN_x',
  ])
    expect(mayPass(name), name).toBe(true);
});

test('what is not known to be needed does not pass, least of all what names a credential', () => {
  for (const name of [
    'NPM_TOKEN',
    'NODE_AUTH_TOKEN',
    'GITHUB_TOKEN',
    'AWS_SECRET_ACCESS_KEY',
    'DATABASE_URL',
    'npm_config__auth',
    'npm_config__authToken',
    'npm_config_//registry.example/:_authToken',
    'npm_config__password',
    'npm_config_otp',
    'SSH_AUTH_SOCK',
    'CARGO_REGISTRY_TOKEN',
    'MY_PATH',
    'PATH2',
  ])
    expect(mayPass(name), name).toBe(false);
  expect(strangersEnvironment({ PATH: '/bin', NPM_TOKEN: 'x' })).toEqual({ PATH: '/bin' });
});

test('the shell for scripts is a shell, and withholds what may not pass, whatever its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-shell-'));
  try {
    const shell = join(folder, 'shell.sh');
    const env = {
      PATH: process.env.PATH ?? '',
      TZ: 'UTC',
      TOKEN: 'a',
      "O'DD $(x)": 'b',
      'BASH_FUNC_f%%': '() { :; }',
    };
    writeFileSync(shell, strangersShell(env, join(folder, 'record')));
    chmodSync(shell, 0o700);
    const text = execFileSync(shell, ['-c', 'echo "$0 $1"; env', 'name', 'one two'], {
      env,
      encoding: 'utf8',
    });
    expect(text).toContain('name one two\n');
    expect(text).toContain('TZ=UTC');
    expect(text).not.toMatch(/TOKEN|DD|BASH_FUNC/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
