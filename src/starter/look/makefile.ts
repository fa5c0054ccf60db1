/** The targets of a Makefile that test something, and what they call. */
import type { MakeTarget } from '../facts.ts';
import { commandsIn, testsRunBy } from '../test-command.ts';
import { testSigns } from './signs.ts';
import type { Source, Tree } from './tree.ts';

/** Targets that test the whole, the most specific first. */
const TARGETS = ['integration', 'e2e', 'smoke', 'test-integration', 'test-e2e', 'test'];

interface Rule {
  readonly prerequisites: readonly string[];
  /** The lines of its recipe. */
  readonly recipe: string;
}

export function lookAtMakefile(tree: Tree): MakeTarget[] {
  const file = tree.first('GNUmakefile', 'makefile', 'Makefile');
  const text = file === undefined ? '' : (tree.text(file) ?? '');
  const rules = rulesOf(text);
  const variables = variablesOf(text);
  return TARGETS.flatMap((name): MakeTarget[] => {
    if (!rules.has(name)) return [];
    const recipe = expand(recipeOf(name, rules), variables);
    const commands = commandsIn(recipe).flatMap((command) => calledBy(command, rules, variables));
    const called = recipe.split(/[\s"'();&|]+/).filter((word) => tree.isFile(word));
    const source: Source = { path: `${file} ${name}`, text: recipe };
    const tests = commands.flatMap((command) => testsIn(command, tree));
    return [{ name, commands, signs: testSigns([source, ...tree.sources([...called, ...tests])]) }];
  });
}

function withoutComment(line: string): string {
  const at = line.search(/(?:^|\s)#/);
  return at === -1 ? line : line.slice(0, at);
}

/** Each target with its rule. */
function rulesOf(text: string): Map<string, Rule> {
  const rules = new Map<string, Rule>();
  const extend = (name: string, prerequisites: readonly string[], lines: string): void => {
    const known = rules.get(name) ?? { prerequisites: [], recipe: '' };
    rules.set(name, {
      prerequisites: [...known.prerequisites, ...prerequisites],
      recipe: known.recipe + lines,
    });
  };
  const wordsOf = (words: string): string[] => words.split(/\s+/).filter((word) => word !== '');
  let names: string[] = [];
  for (const line of text.replaceAll('\\\n', ' ').split(/\r?\n/)) {
    if (line.startsWith('\t')) {
      for (const name of names) extend(name, [], `${line.slice(1)}\n`);
      continue;
    }
    const [, targets, rest = ''] = /^([\w. -]{1,200}?):{1,2}(?![=:])(.*)$/.exec(line) ?? [];
    if (targets !== undefined && !targets.startsWith('.')) {
      names = wordsOf(targets);
      const [needed = '', ...inline] = withoutComment(rest).split(';');
      // `test: CC = clang` only sets a variable for it.
      const prerequisites = needed.includes('=') ? [] : wordsOf(needed.replaceAll('|', ' '));
      for (const name of names)
        extend(name, prerequisites, inline.length === 0 ? '' : `${inline.join(';')}\n`);
    } else if (line.trim() !== '' && !line.startsWith('#')) names = [];
  }
  return rules;
}

function variablesOf(text: string): Map<string, string> {
  const assignments = text.matchAll(
    /^(?:export\s)?(\w{1,60})\s{0,20}(?:\?|:{1,3})?=[ \t]{0,20}([^\n#]{0,200})/gm,
  );
  return new Map([...assignments].map(([, name = '', value = '']) => [name, value.trim()]));
}

const DEEPEST = 4;

/** Variables that the Makefile does not set are left to the shell. */
function expand(text: string, variables: ReadonlyMap<string, string>, depth = 0): string {
  const expanded = text.replace(/(?<!\$)\$[({](\w{1,60})[)}]/g, (all: string, name: string) =>
    name === 'MAKE' ? 'make' : (variables.get(name) ?? all),
  );
  return expanded === text || depth === DEEPEST
    ? expanded.replaceAll('$$', '$')
    : expand(expanded, variables, depth + 1);
}

/** The recipe of a target; one without a recipe only collects its prerequisites, so it has theirs. */
function recipeOf(name: string, rules: ReadonlyMap<string, Rule>, depth = 0): string {
  const { recipe, prerequisites } = rules.get(name) ?? { recipe: '', prerequisites: [] };
  if (recipe !== '' || depth === DEEPEST) return recipe;
  return prerequisites.map((each) => recipeOf(each, rules, depth + 1)).join('');
}

/** What a command amounts to: `make smoke` stands for what that target does. */
function calledBy(
  command: string,
  rules: ReadonlyMap<string, Rule>,
  variables: ReadonlyMap<string, string>,
  depth = 0,
): string[] {
  const [, target] = /^make\s+(?:-\S+\s+)*(\w[\w.-]*)$/.exec(command) ?? [];
  if (target === undefined || !rules.has(target) || depth === DEEPEST) return [command];
  const inner = commandsIn(expand(recipeOf(target, rules), variables));
  return inner.flatMap((each) => calledBy(each, rules, variables, depth + 1));
}

const TEST_FILE = /_test\.go$|(?:^|\/)(?:test_\w+|\w+_test)\.py$|\.(?:test|spec)\.[cm]?[jt]sx?$/;

/** The tests in the folders that a test runner is given. */
function testsIn(command: string, tree: Tree): string[] {
  const [program, ...args] = testsRunBy(command).split(' ');
  if (!/^(?:go|pytest|node|unittest|vitest|jest|mocha)$/.test(program ?? '')) return [];
  return args
    .map((word) => word.replace(/^\.\//, '').replace(/\/(?:\.\.\.)?$/, ''))
    .filter((word) => /^\w/.test(word) && tree.isFolder(word))
    .flatMap((folder) => tree.files(/./, folder).filter((file) => TEST_FILE.test(file)));
}
