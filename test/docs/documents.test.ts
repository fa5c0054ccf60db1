/** What the documents say is what the program does: tables, examples, links. */
import { execFileSync } from 'node:child_process';
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
import { dirname, join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findingsPage } from '../../scripts/findings.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { EXIT_CODES, EXIT_CRASHED, EXIT_USAGE, SIGNAL_EXIT_CODES } from '../../src/core/verdict.ts';
import { FINDINGS, loadExplanations } from '../../src/kinds/index.ts';
import { COMMAND_LINE } from '../rig/command-line.ts';
import { TOOLS } from '../rig/rig.ts';
import { blocksOf, DOCUMENTS, ROOT } from './blocks.ts';
import { tablesBelow } from './tables.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('the findings', () => {
  test('are all explained, each once', async () => {
    const codes = (await loadExplanations()).flatMap(({ texts }) => Object.keys(texts));
    expect(codes.toSorted()).toEqual(Object.keys(FINDINGS).sort());
  });

  test('docs/findings.md is up to date; if not: npm run schema', async () => {
    expect(await findingsPage()).toBe(read('docs/findings.md'));
  });

  test('each has a section of the page, with what it does to the verdict', () => {
    const effects = { failed: 'Fails.', inconclusive: 'Inconclusive.', note: 'A note.' } as const;
    const page = read('docs/findings.md');
    for (const [code, { consequence }] of Object.entries(FINDINGS))
      expect(page, code).toContain(`\n### ${code}\n\n**${effects[consequence]}** `);
  });
});

test.each(['README.md', 'docs/getting-started.md'])(
  'the exit codes in %s are those of the program',
  (document) => {
    const [[, ...rows] = []] = tablesBelow(document, 'Exit codes');
    const documented = rows.flatMap(([codes]) => codes?.split(', ').map(Number) ?? []);
    const real = [
      ...Object.values(EXIT_CODES),
      EXIT_USAGE,
      EXIT_CRASHED,
      ...Object.values(SIGNAL_EXIT_CODES),
    ];
    expect(documented).toEqual(real.sort((a, b) => a - b));
  },
);

test('every command and every option of the command line is documented', () => {
  const guides = [
    'README.md',
    'docs/getting-started.md',
    'docs/config.md',
    'docs/running.md',
    'docs/ci.md',
    'docs/reports.md',
    'docs/scale.md',
    'docs/working.md',
    'docs/load.md',
    'docs/streams.md',
    'docs/capacity.md',
    'docs/agents.md',
    'docs/proving.md',
    'docs/init.md',
    'docs/package.md',
    'docs/ownership.md',
  ];
  const texts = guides.map(read).join('\n');
  const commands = [...COMMAND_LINE.helpInformation().matchAll(/^ {2}([a-z]+) (?:\[|<)/gm)].flatMap(
    ([, name]) => name ?? [],
  );
  expect(commands.length).toBeGreaterThan(4);
  const options = COMMAND_LINE.commands
    .filter((command) => commands.includes(command.name()) && command.name() !== 'complete')
    .flatMap((command) =>
      [...command.helpInformation().matchAll(/^ {2}(?:-\w, )?(--[a-z][a-z\d-]*)/gm)].flatMap(
        ([, flag]) => flag ?? [],
      ),
    );
  expect(options).toContain('--report');
  const missing = [...new Set([...commands.map((name) => `shakedown ${name}`), ...options])].filter(
    (word) => !texts.includes(word) && word !== '--help' && word !== 'shakedown run',
  );
  expect(missing).toEqual([]);
});

describe('the examples of a config', () => {
  const HEREDOC = /cat > (\S+\.ts) <<'END'\n([\s\S]*?)\nEND/g;
  const blocks = DOCUMENTS.flatMap((document) => blocksOf(document));
  const sources = [
    ...blocks
      .filter(({ language }) => language === 'ts')
      .map(({ document, line, content }) => ({ place: `${document}:${line}`, content })),
    ...blocks
      // The one that is run in an empty folder is there for its mistakes.
      .filter(({ language, note }) => language === 'sh' && note === '')
      .flatMap(({ document, line, content }) =>
        [...content.matchAll(HEREDOC)].map((match) => ({
          place: `${document}:${line}`,
          content: match[2] ?? '',
        })),
      ),
  ];
  const json = blocks
    .filter(({ language, content }) => language === 'json' && content.includes('"components"'))
    .map(({ document, line, content }) => ({ place: `${document}:${line}`, content }));
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'shakedown-examples-'));
    mkdirSync(join(dir, 'integration'));
    const named = ['typestubs', 'operations', 'inputs', 'answers', 'first-use'].map(
      (name) => `integration/${name}.ts`,
    );
    mkdirSync(join(dir, 'src'));
    for (const name of [...named, 'slug.mjs', 'src/index.ts', 'library.mjs', 'compose.yaml'])
      writeFileSync(join(dir, name), '');
    writeFileSync(join(dir, 'package.json'), '{ "type": "module" }');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const load = async (name: string, content: string): Promise<unknown> => {
    const file = join(dir, name);
    writeFileSync(file, content);
    const loaded = await loadConfig(file, { cwd: dir, library: join(ROOT, 'src/index.ts') });
    return loaded.ok ? [] : loaded.error;
  };

  test.each(sources)('$place is a config', async ({ content }) => {
    expect(await load('shakedown.config.ts', content)).toEqual([]);
  });

  test.each(json)('$place is a config, and the JSON Schema says so', async ({ content }) => {
    expect(await load('shakedown.config.json', content)).toEqual([]);
    const accepts = new Ajv2020().compile(JSON.parse(read('schema.json')));
    expect(accepts(JSON.parse(content)), JSON.stringify(accepts.errors)).toBe(true);
  });

  test('all have the right types', () => {
    expect(sources.length).toBeGreaterThan(5);
    const files = sources.map(({ content }, index) => {
      writeFileSync(join(dir, `example-${index}.ts`), content);
      return `example-${index}.ts`;
    });
    const config = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: {
        paths: { shakedown: [join(ROOT, 'src/index.ts')] },
        typeRoots: [join(ROOT, 'node_modules/@types')],
      },
      files,
      include: [],
    };
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config));
    const check = (): string =>
      execFileSync(join(TOOLS, 'tsc'), ['--project', dir, '--pretty', 'false'], { encoding: 'utf8' });
    expect(check).not.toThrow();
  });

  test('the one in README.md is the example itself', () => {
    const [shown] = blocksOf('README.md').filter(({ language }) => language === 'ts');
    expect(`${shown?.content}\n`).toBe(read('examples/http-server/shakedown.config.ts'));
  });
});

test('every link leads to a file and to a heading that exist', () => {
  const anchorsOf = (path: string): string[] =>
    [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
  const broken = DOCUMENTS.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].flatMap(
      ([link, to = '', anchor]) => {
        const path = to === '' ? document : join(dirname(document), to);
        if (!existsSync(resolve(ROOT, path))) return [`${document}: ${link}`];
        return anchor === undefined || anchorsOf(path).includes(anchor) ? [] : [`${document}: ${link}`];
      },
    ),
  );
  expect(broken).toEqual([]);
});

test('every source file that the pages on the design name exists', () => {
  const sources = ['src', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  const missing = DOCUMENTS.filter((document) => /architecture\.md$|^docs\/design\//.test(document)).flatMap(
    (document) =>
      [...read(document).matchAll(/`([\w./-]+\.(?:ts|py))`/g)]
        .flatMap(([, name = '']) => name)
        .filter((name) => name !== 'shakedown.config.ts')
        .filter((name) => !sources.some((path) => `/${path}`.endsWith(`/${name}`)))
        .map((name) => `${document}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test('the version in the documents is that of the package', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  for (const document of DOCUMENTS)
    for (const [, found] of read(document).matchAll(/shakedown(?:-| )(\d+\.\d+\.\d+)/g))
      expect(found, document).toBe(version);
  expect(read('CHANGELOG.md')).toContain(`\n## ${version}`);
});

test('the changelog tells each thing once', () => {
  const lines = read('CHANGELOG.md')
    .split('\n')
    .filter((line) => line.trim() !== '');
  expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
});
