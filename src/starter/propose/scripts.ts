/** A folder of scripts: the convention, written out, after the steps that build the project and before its own tests. */
import { DEFAULT_PORT } from '../../config/convention.ts';
import type { ComponentOptions } from '../../config/options.ts';
import type { CommandOptions } from '../../kinds/command/options.ts';
import type { ServiceOptions } from '../../kinds/common/service-options.ts';
import type { NodeFacts, ProjectFacts, PythonFacts, ScriptFolder } from '../facts.ts';
import type { Proposal, ServerTrial, Step } from '../proposal.ts';
import { installSteps, productStep, proposeNode } from './node.ts';
import { proposeOther } from './others.ts';
import { EMPTY_PART, type Part, REQUESTS, step } from './part.ts';
import { proposePython } from './python.ts';

type Words = readonly [string, ...string[]];

/**
 * How a script is called. If the folder has its own programs, they must be found first, as by convention; a config's PATH
 * is that of the folder it is in.
 */
function call({ hasOwnBin }: ScriptFolder, ...words: Words): string | Words {
  return hasOwnBin ? `PATH="$PWD/node_modules/.bin:$PATH" exec ${words.join(' ')}` : words;
}

function serverOf(folder: ScriptFolder): ServiceOptions {
  return {
    run: call(folder, './http', '--daemon'),
    foreground: call(folder, './http'),
    daemon: true,
    port: DEFAULT_PORT,
    ready: { http: '/', status: [100, 599] },
  };
}

const needsAny = ({ imports }: ScriptFolder, names: readonly string[]): boolean =>
  imports.some((each) => names.includes(each) || names.includes(each.replaceAll('_', '-').toLowerCase()));

/** What the scripts need from the Node package around them, and how that is tested. */
function nodePart(folder: ScriptFolder, facts: NodeFacts | null): Part {
  if (facts === null) return EMPTY_PART;
  const { built, usesPackage } = folder;
  const product = built === null ? undefined : productStep(facts, built.path.split('/')[0] ?? built.path);
  const isNeeded = product !== undefined || needsAny(folder, facts.dependencies);
  const isInstalled = facts.installed.state === 'matches';
  const setup = [...(isNeeded ? installSteps(facts) : []), ...(product === undefined ? [] : [product])];
  const tests = isInstalled || (isNeeded && usesPackage) ? proposeNode(facts).tests : [];
  const { path, isThere } = built ?? { path: '', isThere: true };
  const why = `${folder.dir}/ uses ${path}, which ${isThere ? 'git ignores' : 'is missing'}`;
  const seen = product === undefined ? [] : [{ what: 'build', text: `${product.options.run} (${why})` }];
  const notes = product === undefined && !isThere ? [`${why}, and no script in package.json builds it`] : [];
  return { ...EMPTY_PART, setup, tests, seen, notes };
}

/** The same for Python. A folder with a `setup` makes its own environment. */
function pythonPart(folder: ScriptFolder, facts: PythonFacts | null): Part {
  if (facts === null) return EMPTY_PART;
  const { setup: steps, tests } = proposePython(facts);
  const isInstalled = facts.installed.state === 'matches';
  const own = facts.extension === null ? [] : folder.imports;
  const isNeeded = !folder.files.includes('setup') && needsAny(folder, [...facts.dependencies, ...own]);
  if (!isNeeded) return { ...EMPTY_PART, tests: isInstalled ? tests : [] };
  const { venv } = facts;
  // The scripts find their interpreter on the PATH.
  const passOn = (place: string): string => `echo "PATH=$PWD/${place}/bin:$PATH" >> "$SHAKEDOWN_ENV"`;
  const seen =
    isInstalled && steps.length > 0
      ? [{ what: 'build', text: `${steps[0]?.options.run} (git ignores ${facts.ignoredModule})` }]
      : [];
  const environment = venv === null ? [] : [step({ run: passOn(venv), name: 'environment' })];
  const setup = isInstalled
    ? [...steps, ...environment]
    : steps.map(({ options, weight }) =>
        step({ ...options, run: `${options.run} && ${passOn(venv ?? '.venv')}` }, weight),
      );
  return { ...EMPTY_PART, setup, tests, seen };
}

/** The project's own tests that are not scripts of the folder, and do not call one. */
function testsOf({ dir }: ScriptFolder, facts: ProjectFacts, parts: readonly Part[]): Part['tests'] {
  const others = facts.others.filter(({ hasTool }) => hasTool).flatMap((each) => proposeOther(each).tests);
  const texts = new Map(facts.node?.tests.map(({ name, text }) => [name, text]));
  return [...parts.flatMap(({ tests }) => tests), ...others].filter(
    ({ signs, name }) => !signs.needsServer && texts.get(name)?.includes(dir) !== true,
  );
}

/** @returns the proposal; its first components are those of the convention, with its order and names */
export function proposeScripts(folder: ScriptFolder, facts: ProjectFacts): Proposal {
  const { dir, files } = folder;
  const has = (name: string): boolean => files.includes(name);
  const components: Record<string, ComponentOptions> = {};
  const trials: Record<string, ServerTrial> = {};
  scriptsOf(folder, components, trials);
  const isNothing = Object.keys(components).length === 0;
  const parts = [nodePart(folder, facts.node), pythonPart(folder, facts.python)];
  const tests = isNothing ? [] : testsOf(folder, facts, parts);
  const extras = tests.map((test, index) => ({ ...test, name: index === 0 ? 'test' : `test-${index + 1}` }));
  for (const { name, run } of extras) components[name] = { kind: 'command', run };
  const own: Step[] = has('setup') ? [step({ run: call(folder, './setup'), name: 'setup', cwd: dir })] : [];
  const steps = [...parts.flatMap(({ setup }) => setup), ...own];
  return {
    suite: {
      memory: 'debug',
      ...(steps.length === 0 ? {} : { setup: steps.map(({ options }) => options) }),
      components,
      ...(has('teardown')
        ? { teardown: [{ run: call(folder, './teardown'), name: 'teardown', cwd: dir }] }
        : {}),
    },
    comments: {},
    seen: [
      { what: 'found', text: `${dir}/: ${files.join(', ')}; run the same way as without a config` },
      ...parts.flatMap(({ seen }) => seen),
      ...extras.map(({ run }) => ({ what: 'command', text: run })),
    ],
    notes: [...folder.unusable, ...parts.flatMap(({ notes }) => notes)],
    questions: [],
    weighty: steps.flatMap(({ options, weight }) =>
      weight === null ? [] : [{ run: String(options.run), weight }],
    ),
    trials,
    extras: extras.map(({ name }) => name),
    lacking: isNothing ? `nothing in ${dir} can be run` : null,
  };
}

/** The components of the convention. */
function scriptsOf(
  folder: ScriptFolder,
  components: Record<string, ComponentOptions>,
  trials: Record<string, ServerTrial>,
): void {
  const { dir, files } = folder;
  const has = (name: string): boolean => files.includes(name);
  const cwd = { cwd: dir };
  const script = (name: string, options: Partial<CommandOptions> = {}): void => {
    if (has(name)) components[name] = { kind: 'command', run: call(folder, `./${name}`), ...options, ...cwd };
  };
  script('thread', folder.thread === null ? {} : { lostErrors: folder.thread });
  if (has('http')) {
    const isLoad = !has('client');
    components.http = {
      kind: 'http',
      // Under its conventional name.
      services: { http: serverOf(folder) },
      client: isLoad
        ? { kind: 'load', path: '/', requests: REQUESTS }
        : call(folder, './client', String(DEFAULT_PORT)),
      ...cwd,
    };
    trials.http = { paths: ['/'], isLoad };
  }
  const sample = files.find((name) => name.startsWith('typestubs.'));
  if (sample !== undefined)
    components.typestubs = { kind: 'types', sample: `./${sample}`, onlyWhenNamed: true, ...cwd };
  script('init');
}
