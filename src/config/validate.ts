/** Validates a config against its schema, and finds every mistake, not only the first. */
import * as v from 'valibot';
import { suggest } from '../core/suggest.ts';
import type { Path, Problem } from '../kinds/common/problem.ts';
import type { Words } from '../kinds/index.ts';
import { LoadSchema } from '../load/options/options.ts';
import { OptionNames } from './option-names.ts';
import { type ComponentOptions, type SuiteOptions, SuiteSchema } from './options.ts';
import { StartServiceSchema } from './start-service-words.ts';

type AllWords = ReadonlyMap<string, Words>;

/** The result of validation: each component that is valid by itself, and all problems. */
export interface Validated {
  readonly suite: Omit<SuiteOptions, 'components'>;
  readonly components: ReadonlyMap<string, ComponentOptions>;
  /** The dependencies of each component by name, including components with other mistakes. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** The names of the services of the suite, including those with mistakes. */
  readonly services: readonly string[];
  readonly problems: readonly Problem[];
}

const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');

type Issue = v.BaseIssue<unknown>;

const pathOf = (issue: Issue): Path => (issue.path ?? []).map((item) => item.key as string | number);

const isUnknownOption = (issue: Issue): boolean =>
  issue.type === 'strict_object' && issue.expected === 'never';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** The display name of an option at a path: the last key in it, and any list indices after that. */
function nameOf(path: Path): string {
  const at = path.findLastIndex((part) => typeof part === 'string');
  const [name = '', ...places] = path.slice(Math.max(at, 0));
  return `${name}${places.map((place) => `[${place}]`).join('')}`;
}

function toProblem(issue: Issue, base: Path, options: OptionNames): Problem {
  const path = [...base, ...pathOf(issue)];
  const key = nameOf(path);
  if (isUnknownOption(issue)) {
    const hint = options.hintFor(String(path.at(-1)));
    return {
      path,
      message: `there is no option "${key}" here`,
      ...(hint === undefined ? {} : { hint }),
      atKey: true,
    };
  }
  if (issue.type === 'strict_object' && issue.received === 'undefined')
    return { path: path.slice(0, -1), message: `"${key}" is missing`, atKey: true };
  const expected =
    issue.expected === 'Object' ? 'an object of options' : (issue.expected ?? 'something else');
  const message = issue.message.startsWith('Invalid ') ? `must be ${expected}` : issue.message;
  const shown = show(issue.input);
  const isShown =
    message.includes(', not ') ||
    (typeof issue.input === 'string' && (message.includes(shown) || message === 'must not be empty'));
  const subject = path.length === 0 ? 'the options' : `"${key}"`;
  return { path, message: `${subject} ${message}${isShown ? '' : `, not ${shown}`}` };
}

/** A copy of a value, and of the containers along the path, without the option there. */
function withoutOption(value: unknown, [key, ...rest]: Path): unknown {
  // Valibot treats lists as objects whose keys are indices.
  if (Array.isArray(value))
    return value.flatMap((item, index) => {
      if (String(index) !== String(key)) return [item];
      return rest.length === 0 ? [] : [withoutOption(item, rest)];
    });
  if (!isObject(value) || key === undefined) return value;
  const { [key]: inner, ...others } = value;
  return rest.length === 0 ? others : { ...others, [key]: withoutOption(inner, rest) };
}

/** All issues. Valibot reports only the first unknown key of each object: so validate again without those. */
function issuesOf(schema: v.GenericSchema, input: unknown): Issue[] {
  const issues = v.safeParse(schema, input).issues ?? [];
  const unknown = issues.filter(isUnknownOption);
  if (unknown.length === 0) return [...issues];
  return [...unknown, ...issuesOf(schema, unknown.map(pathOf).reduce(withoutOption, input))];
}

/** Options that others depend on: without these, what depends on them would seem to be wrong as well. */
const STAND_INS: Readonly<Record<string, unknown>> = { port: 0, ready: { file: '.' } };

/**
 * A copy of a value without the option at the path, or with a stand-in.
 *
 * @param entersLists whether only the option is removed from an item of a list; if not, the whole list is
 */
function without(value: unknown, [key, ...rest]: Path, entersLists: boolean): unknown {
  if (Array.isArray(value))
    return value.map((item, index) => (index === Number(key) ? without(item, rest, entersLists) : item));
  if (!isObject(value) || key === undefined) return value;
  const { [key]: inner, ...others } = value;
  const isEntered = isObject(inner) || (entersLists && Array.isArray(inner) && rest.length > 1);
  if (rest.length > 0 && isEntered) return { ...others, [key]: without(inner, rest, entersLists) };
  return Object.hasOwn(STAND_INS, key) ? { ...others, [key]: STAND_INS[key] } : others;
}

/**
 * @returns the input; or, if it has mistakes, its valid part, so that its meaning can be checked as well; undefined
 *   when not even that is valid
 */
function check(
  schema: v.GenericSchema,
  input: unknown,
  base: Path,
  words: AllWords,
  problems: Problem[],
): unknown {
  const issues = issuesOf(schema, input);
  if (issues.length === 0) return input;
  const options = new OptionNames(schema, words);
  // A union reports in its own words; the issues of each of its options would only confuse.
  problems.push(...issues.map((issue) => toProblem(issue, base, options)));
  // An item may not be valid without the option. Without the list, more may seem to be wrong.
  return [true, false]
    .map((entersLists) => issues.map(pathOf).reduce((rest, path) => without(rest, path, entersLists), input))
    .find((rest) => v.safeParse(schema, rest).success);
}

export const COMPONENT_NAME = /^[A-Za-z0-9][\w.-]*$/;

function validateComponent(
  name: string,
  input: unknown,
  all: AllWords,
  problems: Problem[],
): ComponentOptions | undefined {
  const path = ['components', name];
  if (!COMPONENT_NAME.test(name)) {
    problems.push({
      path,
      message: `"${name}" cannot be the name of a component`,
      hint: 'use letters, digits, "_", "-" and "."; the first must be a letter or digit',
      atKey: true,
    });
  }
  if (!isObject(input)) {
    problems.push({
      path,
      message: `component "${name}" must be an object, not ${show(input)}`,
      hint: `write it with ${[...all.keys()].map((kind) => `${kind}(…)`).join(', ')}`,
    });
    return undefined;
  }
  const { kind } = input;
  const words = typeof kind === 'string' ? all.get(kind) : undefined;
  if (words === undefined) {
    const names = [...all.keys()];
    const near = typeof kind === 'string' ? suggest(kind, names) : undefined;
    const message =
      kind === undefined
        ? `component "${name}" has no kind`
        : `component "${name}" has an unknown kind: ${show(kind)}`;
    problems.push({
      path: kind === undefined ? path : [...path, 'kind'],
      message,
      hint: near === undefined ? `the kinds are ${names.join(', ')}` : `did you mean "${near}"?`,
    });
    return undefined;
  }
  return check(words.schema, input, path, all, problems) as ComponentOptions | undefined;
}

/**
 * @param input what the config file exports
 * @param words how a config words each kind
 */
export function validate(input: unknown, words: AllWords): Validated {
  const problems: Problem[] = [];
  if (!isObject(input)) {
    problems.push({
      path: [],
      message: `a config must export a suite, not ${show(input)}`,
      hint: 'export default defineSuite({ components: { … } })',
    });
    return { suite: {}, components: new Map(), needs: new Map(), services: [], problems };
  }
  const suite = check(SuiteSchema, input, [], words, problems) as SuiteOptions | undefined;
  const raw = isObject(input.components) ? input.components : {};
  const components = new Map<string, ComponentOptions>();
  const needs = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(raw)) {
    needs.set(name, isObject(value) && isTextList(value.needs) ? value.needs : []);
    const component = validateComponent(name, value, words, problems);
    if (component !== undefined) components.set(name, component);
  }
  if (isObject(input.components) && Object.keys(raw).length === 0)
    problems.push({
      path: ['components'],
      message: 'there is no component in this suite',
      hint: 'add one, such as thread: command("./integration/thread")',
    });
  return {
    suite: suite ?? {},
    components,
    needs,
    services: isObject(input.services) ? Object.keys(input.services) : [],
    problems,
  };
}

/** Problems with the options of a service that is started by itself. */
export function validateService(input: unknown, words: AllWords): readonly Problem[] {
  const problems: Problem[] = [];
  check(StartServiceSchema, input, [], words, problems);
  return problems;
}

/** Problems with the options of the built-in client alone. */
export function validateLoad(input: unknown, words: AllWords): readonly Problem[] {
  const problems: Problem[] = [];
  check(LoadSchema, input, [], words, problems);
  return problems;
}
