/** A first config for a project, from what was found in it. Pure: the caller looks. */

export interface ProjectFacts {
  /** The folder of scripts, relative to the project. */
  readonly dir: string;
  /** Which of the conventional files it holds. */
  readonly files: readonly string[];
  readonly packageScripts: Readonly<Record<string, string>>;
  readonly lockFile: string | null;
  readonly requirements: string | null;
}

const INSTALLS: Readonly<Record<string, string>> = {
  'package-lock.json': 'npm ci',
  'pnpm-lock.yaml': 'pnpm install --frozen-lockfile',
  'yarn.lock': 'yarn install --immutable',
};

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function setupOf(facts: ProjectFacts): string[] {
  if (facts.files.includes('setup'))
    return [
      `{ run: ${quote(`./${facts.dir}/setup`)}, inputs: [${[`${facts.dir}/setup`, ...(facts.requirements === null ? [] : [facts.requirements])].map(quote).join(', ')}] }`,
    ];
  if (facts.lockFile === null) return [];
  return [
    `{ run: ${quote(INSTALLS[facts.lockFile] ?? 'npm ci')}, inputs: [${quote(facts.lockFile)}], outputs: ['node_modules'] }`,
  ];
}

function serverOf(facts: ProjectFacts): string | undefined {
  if (facts.files.includes('http')) return `./${facts.dir}/http`;
  return facts.packageScripts.start === undefined ? undefined : 'npm start';
}

/** The components, each as its lines, and the builders that they use. */
function componentsOf(facts: ProjectFacts): { lines: string[]; builders: Set<string> } {
  const lines: string[] = [];
  const builders = new Set<string>();
  const has = (name: string): boolean => facts.files.includes(name);
  const command = (name: string, run: string): void => {
    builders.add('command');
    lines.push(`${name}: command(${quote(run)}),`);
  };
  if (has('thread')) command('thread', `./${facts.dir}/thread`);
  const server = serverOf(facts);
  if (server !== undefined) {
    builders.add('http');
    if (!has('client')) builders.add('load');
    lines.push(
      'http: http({',
      '  // Port 0 has a free one picked; the server finds it in the environment as PORT.',
      `  server: { run: ${quote(server)}, port: 0, ready: { http: '/' } },`,
      has('client')
        ? `  client: ${quote(`./${facts.dir}/client $PORT`)},`
        : "  client: load({ path: '/', requests: 1000, expect: { status: 200 } }),",
      '}),',
    );
  }
  const sample = facts.files.find((file) => file.startsWith('typestubs.'));
  if (sample !== undefined) {
    builders.add('types');
    lines.push(`typestubs: types({ sample: ${quote(`./${facts.dir}/${sample}`)}, onlyWhenNamed: true }),`);
  }
  if (has('init')) command('init', `./${facts.dir}/init`);
  if (lines.length === 0 || (facts.files.length === 0 && facts.packageScripts.test !== undefined)) {
    command(
      'test',
      facts.packageScripts.test === undefined
        ? 'echo "replace this with what tries your project" && exit 1'
        : 'npm test',
    );
  }
  return { lines, builders };
}

/** @returns the text of a `shakedown.config.ts` */
export function firstConfig(facts: ProjectFacts): string {
  const { lines, builders } = componentsOf(facts);
  const names = [...builders, 'defineSuite'].sort();
  const setup = setupOf(facts);
  return [
    `import { ${names.join(', ')} } from 'shakedown';`,
    '',
    'export default defineSuite({',
    ...(facts.requirements !== null || facts.files.includes('typestubs.py') ? ["  memory: 'debug',"] : []),
    ...(setup.length > 0 ? [`  setup: [${setup.join(', ')}],`] : []),
    '  components: {',
    ...lines.map((line) => `    ${line}`),
    '  },',
    '});',
    '',
  ].join('\n');
}
