/** How the wheel of a folder is built. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { obtainWheel } from '../../../../src/consumer/python/obtain-wheel.ts';
import type { RunDirectory } from '../../../../src/store/run-directory.ts';
import { FakeAttempt } from '../../../rig/fake-context.ts';

const TOOLS = {
  interpreter: { path: '/python3', version: '3.13.1', build: '', pip: '25.0' },
  ...{ pip: ['pip'] as const, uv: undefined },
};

test('a build leaves nothing new in the folder of the project, also if it fails', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'shakedown-obtain-'));
  try {
    const attempt = new FakeAttempt();
    const context = { ...attempt.context, directory: { path: dir } as RunDirectory };
    const project = join(dir, 'project');
    mkdirSync(join(project, 'src/own.egg-info'), { recursive: true });
    const obtained = obtainWheel({ type: 'folder', path: project }, TOOLS, context);
    const pip = await attempt.processes.started('try.1/build');
    for (const made of ['new.egg-info', 'src/new.egg-info', 'src/own.egg-info/more'])
      mkdirSync(join(project, made));
    pip.finish(1);
    expect((await obtained).ok).toBe(false);
    expect(readdirSync(project, { recursive: true }).sort()).toEqual([
      ...['src', 'src/own.egg-info', 'src/own.egg-info/more'],
    ]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('what an earlier build has left in the folder does not get into the wheel', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'shakedown-obtain-'));
  try {
    const attempt = new FakeAttempt();
    const context = { ...attempt.context, directory: { path: dir } as RunDirectory };
    const obtained = obtainWheel({ type: 'folder', path: '/project' }, TOOLS, context);
    const pip = await attempt.processes.started('try.1/build');
    const { DIST_EXTRA_CONFIG: config = '' } = pip.options.env ?? {};
    const [, base = ''] = /^\[build\]\nbuild_base = (.+)\n$/.exec(readFileSync(config, 'utf8')) ?? [];
    expect(base.startsWith(`${dir}/`)).toBe(true);
    expect(existsSync(base)).toBe(false);
    const [, folder = ''] = /--wheel-dir (\S+) \/project/.exec(pip.command) ?? [];
    writeFileSync(join(folder, 'lib-1.0-py3-none-any.whl'), '');
    pip.finish(0);
    expect(await obtained).toEqual({ ok: true, value: join(folder, 'lib-1.0-py3-none-any.whl') });
  } finally {
    rmSync(dir, { recursive: true });
  }
});
