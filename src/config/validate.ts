/** Holds a config against its schema; every mistake is found, not the first alone. */
import * as v from 'valibot';
import { suggest } from '../domain/suggest.ts';
import type { ComponentOptions, SuiteOptions } from './options.ts';
import type { Problem } from './problem.ts';
import {
  ClientSchema,
  COMPONENT_SCHEMAS,
  LoadSchema,
  ReadySchema,
  SetupStepSchema,
  SuiteSchema,
} from './schema.ts';

type Path = readonly (string | number)[];

/** What is known of a config after validation: each component that is sound by itself, and all problems. */
export interface Validated {
  readonly suite: Omit<SuiteOptions, 'components'>;
  readonly components: ReadonlyMap<string, ComponentOptions>;
  /** What each component needs, by its name; those with mistakes elsewhere are included. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly Problem[];
}

const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every option that an object of these schemas may have, for suggestions. */
function optionNames(schema: unknown, found = new Set<string>()): Set<string> {
  if (!isObject(schema)) return found;
  if (isObject(schema.entries)) {
    for (const [name, entry] of Object.entries(schema.entries)) {
      found.add(name);
      optionNames(entry, found);
    }
  }
  for (const inner of [schema.wrapped, schema.item, schema.value]) optionNames(inner, found);
  for (const several of [schema.options, schema.pipe])
    if (Array.isArray(several)) for (const each of several) optionNames(each, found);
  return found;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function toProblem(issue: v.BaseIssue<unknown>, base: Path, names: ReadonlySet<string>): Problem {
  const own = (issue.path ?? []).map((item) => item.key as string | number);
  const path = [...base, ...own];
  const key = String(path.at(-1) ?? 'the config');
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const near = suggest(key, [...names]);
    return {
      path,
      message: `there is no option "${key}" here`,
      ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      atKey: true,
    };
  }
  if (issue.type === 'strict_object' && issue.received === 'undefined')
    return { path: path.slice(0, -1), message: `"${key}" is missing`, atKey: true };
  const expected =
    issue.expected === 'Object' ? 'an object of options' : (issue.expected ?? 'something else');
  const message = issue.message.startsWith('Invalid ') ? `must be ${expected}` : issue.message;
  const shown = show(issue.input);
  const isShown = typeof issue.input === 'string' && message.includes(shown);
  return { path, message: `"${key}" ${message}${isShown ? '' : `, not ${shown}`}` };
}

/** Schemas that others choose from when they see the input, so that they cannot be found in them. */
const CHOSEN: ReadonlyMap<v.GenericSchema, readonly v.GenericSchema[]> = new Map<
  v.GenericSchema,
  readonly v.GenericSchema[]
>([
  [SuiteSchema, [SetupStepSchema]],
  [COMPONENT_SCHEMAS.http, [ClientSchema, LoadSchema, ReadySchema]],
]);

/** Options that others rely on: without these what relies on them would seem to be wrong as well. */
const STAND_INS: Readonly<Record<string, unknown>> = { port: 0, ready: { file: '.' } };

/** A copy of a value with the option at the path taken out, or stood in for. A list is taken out whole. */
function without(value: unknown, [key, ...rest]: Path): unknown {
  if (!isObject(value) || key === undefined) return value;
  const { [key]: inner, ...others } = value;
  if (rest.length > 0 && isObject(inner)) return { ...others, [key]: without(inner, rest) };
  return Object.hasOwn(STAND_INS, key) ? { ...others, [key]: STAND_INS[key] } : others;
}

/**
 * @returns the input; or, where it has mistakes, what is sound without them, so that what it means can be checked as
 *   well; undefined when not even that is sound
 */
function check(schema: v.GenericSchema, input: unknown, base: Path, problems: Problem[]): unknown {
  const result = v.safeParse(schema, input);
  if (result.success) return input;
  const names = optionNames(schema);
  for (const chosen of CHOSEN.get(schema) ?? []) optionNames(chosen, names);
  // A union tells in its own words; what each of its options had against the input would only confuse.
  problems.push(...result.issues.map((issue) => toProblem(issue, base, names)));
  const paths = result.issues.map((issue) => (issue.path ?? []).map((item) => item.key as string | number));
  const rest = paths.reduce(without, input);
  return v.safeParse(schema, rest).success ? rest : undefined;
}

/** What a component can be called. */
export const COMPONENT_NAME = /^[A-Za-z0-9][\w.-]*$/;
const KINDS = Object.keys(COMPONENT_SCHEMAS);

function validateComponent(name: string, input: unknown, problems: Problem[]): ComponentOptions | undefined {
  const path = ['components', name];
  if (!COMPONENT_NAME.test(name)) {
    problems.push({
      path,
      message: `"${name}" cannot be the name of a component`,
      hint: 'letters, digits, "_", "-" and "." can, and it begins with a letter or digit',
      atKey: true,
    });
  }
  if (!isObject(input)) {
    problems.push({
      path,
      message: `component "${name}" must be an object, not ${show(input)}`,
      hint: 'write it with command(…), http(…), types(…) or init(…)',
    });
    return undefined;
  }
  const { kind } = input;
  const schema =
    typeof kind === 'string' && Object.hasOwn(COMPONENT_SCHEMAS, kind)
      ? COMPONENT_SCHEMAS[kind as keyof typeof COMPONENT_SCHEMAS]
      : undefined;
  if (schema === undefined) {
    const near = typeof kind === 'string' ? suggest(kind, KINDS) : undefined;
    const message =
      kind === undefined
        ? `component "${name}" has no kind`
        : `component "${name}" has an unknown kind: ${show(kind)}`;
    problems.push({
      path: kind === undefined ? path : [...path, 'kind'],
      message,
      hint: near === undefined ? `the kinds are ${KINDS.join(', ')}` : `did you mean "${near}"?`,
    });
    return undefined;
  }
  return check(schema, input, path, problems) as ComponentOptions | undefined;
}

/** @param input what the config file exports */
export function validate(input: unknown): Validated {
  const problems: Problem[] = [];
  if (!isObject(input)) {
    problems.push({
      path: [],
      message: `a config must export a suite, not ${show(input)}`,
      hint: 'export default defineSuite({ components: { … } })',
    });
    return { suite: {}, components: new Map(), needs: new Map(), problems };
  }
  const suite = check(SuiteSchema, input, [], problems) as SuiteOptions | undefined;
  const raw = isObject(input.components) ? input.components : {};
  const components = new Map<string, ComponentOptions>();
  const needs = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(raw)) {
    needs.set(name, isObject(value) && isTextList(value.needs) ? value.needs : []);
    const component = validateComponent(name, value, problems);
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
    problems,
  };
}

/** What is wrong with the words for the built-in client alone. */
export function validateLoad(input: unknown): readonly Problem[] {
  const problems: Problem[] = [];
  check(LoadSchema, input, [], problems);
  return problems;
}
