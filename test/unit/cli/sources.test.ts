import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSources } from '../../../src/cli/sources.ts';
import type { Locator } from '../../../src/report/problems.ts';

let outer: string;
let root: string;
let sources: Locator;

beforeAll(() => {
  outer = realpathSync(mkdtempSync(join(tmpdir(), 'shakedown-sources-')));
  root = join(outer, 'repository');
  mkdirSync(join(root, 'api/tests'), { recursive: true });
  mkdirSync(join(root, 'integration'));
  for (const file of [
    'api/tests/a.py',
    'api/app.py',
    'main.ts',
    'integration/http',
    'integration/typestubs.py',
  ])
    writeFileSync(join(root, file), '');
  writeFileSync(join(outer, 'secret.py'), '');
  symlinkSync(join(outer, 'secret.py'), join(root, 'link.py'));
  symlinkSync(join(root, 'main.ts'), join(root, 'same.ts'));
  symlinkSync(root, join(outer, 'elsewhere'));
  writeFileSync(
    join(root, 'shakedown.config.ts'),
    "const web = { kind: 'command', run: 'true' };\n\nexport default {\n  components: {\n    web,\n    'the api': web,\n  },\n};\n",
  );
  sources = createSources(join(outer, 'elsewhere'));
});
afterAll(() => rmSync(outer, { recursive: true, force: true }));

const find = (file: string, ...folders: string[]) =>
  sources.find(
    { file, line: 3, column: 5 },
    folders.map((folder) => join(root, folder)),
  )?.file;

test('a file is found where the component is run, where the suite is, or from the top', () => {
  expect(find('tests/a.py', 'api', '')).toBe('api/tests/a.py');
  expect(find('./app.py', 'api')).toBe('api/app.py');
  expect(find('../main.ts', 'api')).toBe('main.ts');
  expect(find('api/app.py', 'api/tests')).toBe('api/app.py');
  expect(find(join(root, 'main.ts'))).toBe('main.ts');
  expect(find(join(outer, 'elsewhere/main.ts'))).toBe('main.ts');
  expect(find('same.ts', '')).toBe('main.ts');
  expect(sources.find({ file: 'main.ts', line: 3, column: 5 }, [root])).toEqual({
    file: 'main.ts',
    line: 3,
    column: 5,
  });
});

test('what is no file, or none of the sources, is not found', () => {
  for (const file of [
    'nothing.py',
    'api',
    '../secret.py',
    join(outer, 'secret.py'),
    'link.py',
    '/etc/passwd',
    '',
    'a\0b',
  ])
    expect(find(file, '', 'api'), file).toBeUndefined();
});

test('a component is in the config, on the line of its name', () => {
  const source = { type: 'config', file: join(root, 'shakedown.config.ts') } as const;
  expect(sources.origin('the api', source)).toEqual({ file: 'shakedown.config.ts', line: 6 });
  expect(sources.origin('web', source)).toEqual({ file: 'shakedown.config.ts', line: 5 });
  expect(sources.origin('constructor', source)).toEqual({ file: 'shakedown.config.ts', line: 4 });
  expect(sources.origin(null, source)).toEqual({ file: 'shakedown.config.ts', line: 1 });
});

test('or is a script of the folder', () => {
  const own = createSources(root);
  const source = { type: 'convention', dir: join(root, 'integration') } as const;
  expect(own.origin('http', source)).toEqual({ file: 'integration/http', line: 1 });
  expect(own.origin('typestubs', source)).toEqual({ file: 'integration/typestubs.py', line: 1 });
  expect(own.origin('init', source)).toBeUndefined();
  expect(own.origin('thread', null)).toBeUndefined();
});

test('where nothing may be without a place, the nearest file that tells of the project will do', () => {
  const source = { type: 'config', file: join(outer, 'secret.py') } as const;
  const origin = (nearTo?: string) => createSources(root, nearTo).origin('web', source)?.file;
  for (const file of ['README.md', 'package.json']) writeFileSync(join(root, file), '');
  writeFileSync(join(root, 'api/pyproject.toml'), '');
  expect(origin()).toBeUndefined();
  expect(origin(join(root, 'integration'))).toBe('package.json');
  expect(origin(join(root, 'api'))).toBe('api/pyproject.toml');
  expect(origin(outer)).toBe('package.json');
});
