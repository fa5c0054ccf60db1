/** The recipes of CONTRIBUTING are run: a kind is one folder and its place in a list, a report a file and its place. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isThorough } from '../rig/thorough.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const ECHO = {
  'options.ts': `/** The words of \`echo({ … })\`. */
import * as v from 'valibot';
import { type CommonOptions, common } from '../common/options.ts';
import { count, optionsOf, TextSchema } from '../common/schema.ts';

/** A text that is said. */
export interface EchoOptions extends CommonOptions {
  /** Marks the kind. */
  readonly kind: 'echo';
  /** The text. */
  readonly text: string;
  /** How often it is said. Default: 1. */
  readonly times?: number;
}

export const ECHO_DEFAULTS = { times: 1 } as const satisfies Partial<EchoOptions>;

/** @internal */
export const EchoSchema = optionsOf<EchoOptions>('EchoOptions', {
  kind: v.literal('echo'),
  text: TextSchema,
  times: v.optional(count(1)),
  ...common,
});

declare module '../options.ts' {
  interface OptionsByKind {
    echo: EchoOptions;
  }
}
`,
  'build.ts': `import type { ComponentBase } from '../../core/suite.ts';
import type { Scope } from '../common/scope.ts';
import type { EchoComponent } from './component.ts';
import { ECHO_DEFAULTS, type EchoOptions } from './options.ts';

export function buildEcho({ text, times }: EchoOptions, base: ComponentBase, scope: Scope): EchoComponent {
  if (text.includes('\\n')) scope.problem(['text'], 'a text that is said has one line');
  return { ...base, kind: 'echo', text, times: times ?? ECHO_DEFAULTS.times };
}
`,
  'component.ts': `import type { ComponentBase } from '../../core/suite.ts';

export interface EchoComponent extends ComponentBase {
  readonly kind: 'echo';
  readonly text: string;
  readonly times: number;
}
`,
  'findings.ts': `import { type DetailsOf, inconclusive } from '../../core/finding.ts';

export const ECHO_FINDINGS = { 'too-loud': inconclusive<{ readonly letters: number }>() };

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof ECHO_FINDINGS> {}
}
`,
  'explanations.ts': `import type { Chapter } from '../../core/explanation.ts';
import type { ECHO_FINDINGS } from './findings.ts';

export const ECHO_CHAPTER = {
  title: 'Echo',
  texts: {
    'too-loud': { means: 'The text has capitals.', why: 'Nobody likes being shouted at.', fix: 'Lower your voice.' },
  },
} as const satisfies Chapter<typeof ECHO_FINDINGS>;
`,
  'run.ts': `import type { Finding } from '../../core/finding.ts';
import { EXPECT_SUCCESS } from '../../core/suite.ts';
import type { ComponentContext } from '../common/context.ts';
import { runStep } from '../common/run-step.ts';
import type { EchoComponent } from './component.ts';

const loudness = (text: string): Finding[] =>
  text === text.toLowerCase()
    ? []
    : [{ code: 'too-loud', message: \`\${text} is shouted\`, letters: text.length }];

export async function runEcho(component: EchoComponent, context: ComponentContext): Promise<Finding[]> {
  const { text, times, cwd } = component;
  const argv = ['printf', '%s\\n', ...Array.from({ length: times }, () => text)] as const;
  const step = { name: 'say', command: { type: 'argv', argv }, cwd, env: context.env, expect: EXPECT_SUCCESS } as const;
  return [...(await runStep(step, context)), ...loudness(text)];
}
`,
  'kind.ts': `import { defineKind } from '../kind.ts';
import type { EchoComponent } from './component.ts';
import { ECHO_FINDINGS } from './findings.ts';
import type { EchoOptions } from './options.ts';

/** A text that is said. */
export const echo = defineKind<EchoComponent, EchoOptions, typeof ECHO_FINDINGS>({
  name: 'echo',
  words: async () => ({
    schema: (await import('./options.ts')).EchoSchema,
    build: (await import('./build.ts')).buildEcho,
  }),
  steps: ({ text, times }) => [\`say \${text}, \${times} times\`],
  findings: ECHO_FINDINGS,
  explanations: async () => (await import('./explanations.ts')).ECHO_CHAPTER,
  detail: (steps) => [\`said in \${steps.length} step\`],
  run: async () => (await import('./run.ts')).runEcho,
});
`,
};

/** A config in TypeScript. */
const SUITE = `import type { SuiteOptions } from '../src/config/options.ts';

export const suite: SuiteOptions = { components: { hello: { kind: 'echo', text: 'hello', times: 2 } } };
`;

const MARKDOWN = `import { componentVerdict, type RunState } from './state.ts';

/** A table of the components. */
export const markdownReport = ({ components }: RunState): string =>
  ['| component | verdict |', '| --- | --- |']
    .concat(components.map((component) => \`| \${component.name} | \${componentVerdict(component)} |\`))
    .join('\\n') + '\\n';
`;

let copy: string;
const env = { ...process.env, PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}` };
const script = (name: string): string =>
  execFileSync(process.execPath, ['--import', 'tsx', `scripts/${name}`], {
    cwd: copy,
    env,
    encoding: 'utf8',
  });

/** The text of a file of the copy. */
const read = (file: string): string => readFileSync(join(copy, file), 'utf8');

function shakedown(components: object, ...args: string[]): string {
  const folder = join(copy, 'project');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'shakedown.config.json'), JSON.stringify({ components }));
  const { stdout, stderr } = spawnSync(process.execPath, [join(copy, 'dist/cli.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout + stderr;
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'shakedown-recipe-'));
  for (const each of ['src', 'scripts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(ROOT, each), join(copy, each), { recursive: true });
  mkdirSync(join(copy, 'docs'));
  cpSync(join(ROOT, 'docs/config.template.md'), join(copy, 'docs/config.template.md'));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  mkdirSync(join(copy, 'src/kinds/echo'));
  for (const [file, text] of Object.entries(ECHO)) writeFileSync(join(copy, 'src/kinds/echo', file), text);
  const list = read('src/kinds/index.ts');
  writeFileSync(
    join(copy, 'src/kinds/index.ts'),
    `import { echo } from './echo/kind.ts';\n${list.replace(/^(const KINDS = \[[^\]]*\w),?\s*\]/m, '$1, echo]')}`,
  );
  writeFileSync(join(copy, 'src/report/markdown.ts'), MARKDOWN);
  const reporters = read('src/report/index.ts');
  const line =
    "  markdown: { writes: 'whole', load: async () => (await import('./markdown.ts')).markdownReport },\n";
  writeFileSync(join(copy, 'src/report/index.ts'), reporters.replace('} as const', `${line}} as const`));
  mkdirSync(join(copy, 'test'));
  writeFileSync(join(copy, 'test/suite.ts'), SUITE);
  // Of the source alone: the tests and the benches of the copy are not there. The build checks all but the config.
  if (isThorough)
    execFileSync('tsc', ['--noEmit', '--project', 'tsconfig.json'], { cwd: copy, env, encoding: 'utf8' });
  script('build.ts');
  script('schema.ts');
}, 300_000);
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const said = { hello: { kind: 'echo', text: '3 passed', times: 2 } };

test('a new kind is in list and plan', () => {
  expect(shakedown(said, 'list')).toContain('hello  echo');
  expect(shakedown(said, 'plan')).toMatch(/1\. hello \(echo, .*\n +say 3 passed, 2 times/);
});

test('it runs, and the terminal tells of it in its own way', () => {
  const output = shakedown(said);
  expect(output).toMatch(/✓ hello .* said in 1 step\n/);
  expect(output).toContain('PASSED  1 passed');
});

test('its words are validated, and built', () => {
  const output = shakedown({
    a: { kind: 'eco', text: 'x' },
    b: { kind: 'echo', text: 1 },
    c: { kind: 'echo', text: 'x', time: 1 },
    d: { kind: 'echo', text: 'x\ny' },
  });
  expect(output).toContain('did you mean "echo"?');
  expect(output).toContain('"text" must be a text, not 1');
  expect(output).toContain('did you mean "times"?');
  expect(output).toContain('a text that is said has one line');
});

test('what it finds decides the verdict, is in the reports, and says where more is told', () => {
  const loud = { hello: { kind: 'echo', text: 'HELLO' } };
  const output = shakedown(loud, '--report', 'terminal', '--report', 'json=run.json');
  expect(output).toMatch(/INCONCLUSIVE .*\n.*hello: HELLO is shouted/);
  expect(JSON.parse(read('project/run.json'))).toMatchObject({
    verdict: 'inconclusive',
    components: [{ findings: [{ code: 'too-loud', message: 'HELLO is shouted', letters: 5 }] }],
  });
  expect(output).toContain('more: shakedown explain too-loud');
});

test('what it finds is explained', () => {
  expect(shakedown(said, 'explain', 'too-loud')).toContain('What to do: Lower your voice.');
  expect(read('docs/findings.md')).toContain(
    '## Echo\n\n### too-loud\n\n**Inconclusive.** The text has capitals.\n',
  );
});

test('it is in the JSON Schema and in the reference', () => {
  const schema = JSON.parse(read('schema.json')) as {
    $defs: Record<string, { properties?: object; oneOf?: object[] }>;
  };
  expect(schema.$defs.EchoOptions?.properties).toMatchObject({
    text: { type: 'string', description: 'The text.' },
  });
  expect(schema.$defs.ComponentOptions?.oneOf).toContainEqual({ $ref: '#/$defs/EchoOptions' });
  expect(read('docs/config.md')).toContain(
    '| `echo` | [`EchoOptions`](#echooptions) | A text that is said. |',
  );
  expect(read('docs/config.md')).toMatch(
    /### EchoOptions\n[\s\S]*\| `times` \| `number` \| 1 \| How often it is said\. \|/,
  );
});

test('a new report is in the help, is written where it is asked for, and named where another is misspelt', () => {
  expect(shakedown(said, 'run', '--help')).toMatch(/html\s+or\s+markdown;/);
  expect(shakedown(said, '--report', 'markdown')).toContain('| hello | passed |\n');
  expect(shakedown(said, '--report', 'mrkdown')).toContain('did you mean "markdown"?');
});
