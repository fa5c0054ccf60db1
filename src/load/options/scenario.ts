/** What users do: the steps, what comes before them, and the values that they take along. */
import type { LoadCheck, LoadData, LoadModel, LoadRequest } from '../../core/load.ts';
import type { LoadCapture, LoadScenario, LoadStep } from '../../core/load-scenario.ts';
import { COUNTER, templateNames, USER } from '../../core/template.ts';
import { type Ms, ms } from '../../core/units.ts';
import { toDuration } from '../../kinds/common/duration.ts';
import type { PatternOptions } from '../../kinds/common/words.ts';
import { HEADER_NAME, toJsonPath, toMatch } from './checks.ts';
import { checkValues } from './headers.ts';
import type { Mistakes, Path } from './mistakes.ts';
import { usersOf } from './model.ts';
import type { LoadOptions, LoadStepOptions, LoadStepsFunction, LoadThinkOptions } from './options.ts';
import { checkShape } from './request-shape.ts';
import { checkNames, columnsKnown, type Known, type Texts, textsOf, type Written } from './requests.ts';

/** A step as it was written, and where. */
interface WrittenStep extends Written {
  readonly request: LoadStepOptions;
}

/** The steps as they were written, by their part. */
export interface WrittenScenario {
  readonly before: readonly WrittenStep[];
  /** If a function says what is sent, one that stands for all. */
  readonly steps: readonly WrittenStep[];
  readonly isFunction: boolean;
  readonly onStatus: readonly { readonly status: number; readonly steps: readonly WrittenStep[] }[];
}

const HINT =
  "write it as 'json:user.id', 'header:x-csrf' or 'cookie:sid', or give a regular expression for the body";

/** Where a list of steps may also be a single one. */
function placed(given: LoadStepOptions | readonly LoadStepOptions[] | undefined, at: Path): WrittenStep[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) return [{ request: given as LoadStepOptions, at }];
  return given.map((request: LoadStepOptions, index) => ({ request, at: [...at, index] }));
}

/** Stands, where a function says what is sent, for iterations that nobody began. */
const NOT_SENT: LoadStepOptions = { name: '(not sent)', get: '/' };

const OWN_REQUESTS = ['mix', 'path', 'method', 'body'] as const;
const OF_USERS = ['before', 'onStatus', 'think', 'users'] as const;

/** Rejects options that mean nothing with steps, or without them. */
function checkOptions(options: LoadOptions, mistakes: Mistakes): void {
  const { steps, pipelining = 1 } = options;
  if (steps === undefined)
    for (const name of OF_USERS) {
      if (options[name] !== undefined)
        mistakes.add(
          [name],
          `${mistakes.nameOf(name)} needs ${mistakes.nameOf('steps')}`,
          'they are what users do',
        );
    }
  else
    for (const name of OWN_REQUESTS)
      mistakes.exclude('each of the steps has a path, a method and a body of its own', [
        [['steps'], true],
        [[name], options[name] !== undefined],
      ]);
  mistakes.exclude(
    'a user sends its next request once the last one is answered; more at once need more users',
    [
      [['steps'], steps !== undefined],
      [['pipelining'], pipelining > 1],
    ],
  );
}

/** @returns undefined if there are no steps */
export function writtenScenario(options: LoadOptions, mistakes: Mistakes): WrittenScenario | undefined {
  checkOptions(options, mistakes);
  if (options.steps === undefined) return undefined;
  const isFunction = typeof options.steps === 'function';
  const onStatus = Object.entries(options.onStatus ?? {}).map(([status, steps]) => {
    const at = ['onStatus', status];
    if (!/^[1-5]\d\d$/.test(status)) mistakes.about(at, `"${status}" is not a status`, 'write it as 401');
    return { status: Number(status), steps: placed(steps, at) };
  });
  const scenario = {
    before: placed(options.before, ['before']),
    isFunction,
    steps: isFunction
      ? [{ request: NOT_SENT, at: ['steps'] }]
      : placed(options.steps as Exclude<LoadOptions['steps'], LoadStepsFunction>, ['steps']),
    onStatus,
  };
  for (const { request, at } of allOf(scenario)) checkShape(request, at, mistakes);
  return scenario;
}

/** All of its requests, in the order that they have in the plan. */
export const allOf = ({ before, steps, onStatus }: WrittenScenario): WrittenStep[] => [
  ...before,
  ...steps,
  ...onStatus.flatMap((each) => each.steps),
];

function toSource(from: PatternOptions, at: Path, mistakes: Mistakes): LoadCapture['from'] {
  if (typeof from !== 'string') {
    const match = toMatch(from, at, mistakes);
    return match.type === 'matches'
      ? { type: 'regex', source: match.source, flags: match.flags }
      : { type: 'regex', source: match.text, flags: '' };
  }
  const colon = from.indexOf(':');
  const [type, where] = [from.slice(0, Math.max(0, colon)), from.slice(colon + 1).trim()];
  if (type === 'json') return { type, path: toJsonPath(where) };
  if (type === 'header' || type === 'cookie') {
    if (!HEADER_NAME.test(where)) mistakes.about(at, `"${where}" is not the name of a ${type}`, HINT);
    return { type, name: where };
  }
  mistakes.about(at, `"${from}" does not say where the value is`, HINT);
  return { type: 'json', path: [] };
}

/** What is taken from the response to a step; names that are taken already are reported. */
export function toCaptures(
  { request, at }: WrittenStep,
  data: LoadData | null,
  mistakes: Mistakes,
): LoadCapture[] {
  return Object.entries(request.capture ?? {}).map(([name, from]) => {
    const here = [...at, 'capture', name];
    if (!/^[^\s{}](?:[^{}]*[^\s{}])?$/.test(name))
      mistakes.about(here, 'a name has no braces, and no spaces at its ends');
    else if (name === COUNTER || name === USER)
      mistakes.about(
        here,
        `{{${name}}} is the number of the ${name === USER ? 'user' : 'iteration'}`,
        'choose another name',
      );
    else if (data?.columns.includes(name) === true)
      mistakes.about(here, `{{${name}}} is a column of the data`, 'choose another name');
    return { name, from: toSource(from, here, mistakes) };
  });
}

const namesIn = (steps: readonly WrittenStep[]): string[] =>
  steps.flatMap(({ request }) => Object.keys(request.capture ?? {}));

const isWeighted = ({ steps }: WrittenScenario): boolean =>
  steps.some(({ request }) => request.weight !== undefined);

/** What each request can have filled in: what was captured before it, for certain and by the same user. */
function knownToSteps(
  scenario: WrittenScenario,
  options: LoadOptions,
  data: LoadData | null,
  mistakes: Mistakes,
): (index: number) => Known {
  const { before, steps, onStatus } = scenario;
  const columns = columnsKnown(options, data, mistakes);
  const all = allOf(scenario);
  const prepared = namesIn(before);
  const list = [before, steps, ...onStatus.map((each) => each.steps)];
  return (index) => {
    const step = all[index];
    const own = list.find((each) => step !== undefined && each.includes(step)) ?? [];
    const earlier =
      own === steps && isWeighted(scenario) ? [] : namesIn(own.slice(0, own.indexOf(step as WrittenStep)));
    const numbers = own === before ? [USER] : [COUNTER, USER];
    const captured = [...new Set([...(own === before ? [] : prepared), ...earlier])];
    const where =
      captured.length === 0 ? 'nothing is captured before it' : `captured before it: ${captured.join(', ')}`;
    return {
      names: [...numbers, ...columns.names, ...captured],
      where: `${where}; ${columns.where}`,
      explain: (name) => {
        if (name === COUNTER) return 'is the number of an iteration, and there is none yet';
        const captor = all.find(({ request }) => Object.hasOwn(request.capture ?? {}, name));
        if (captor === undefined) return 'is neither captured nor a column';
        return `is not known here: ${mistakes.nameOf(...captor.at)} captures it, which comes later or not always`;
      },
    };
  };
}

/** The text of a check that may contain placeholders, and its option within `expect`; undefined if there is none. */
function textOfCheck(check: LoadCheck): [Path, string] | undefined {
  switch (check.type) {
    case 'json':
      return [['json', check.path.join('.') || '.'], check.text ?? JSON.stringify(check.value)];
    case 'header':
      return check.match === null || check.match.type === 'matches'
        ? undefined
        : [['headers', check.name], check.match.text];
    case 'body':
      return check.match.type === 'matches'
        ? undefined
        : [[check.match.type === 'equals' ? 'exactBody' : 'body'], check.match.text];
    case 'status':
    case 'length':
      return undefined;
  }
}

/** What is sent, and what is expected. */
const textsOfStep: Texts = (request, written) => {
  const at = written.request.expect === undefined ? ['expect'] : [...written.at, 'expect'];
  const expected = request.checks.flatMap((check): [Path, string][] => {
    const found = textOfCheck(check);
    return found === undefined ? [] : [[[...at, ...found[0]], found[1]]];
  });
  return [...textsOf(request, written), ...expected];
};

/** What all requests have cannot depend on the user where a function makes them: it knows the user itself. */
function checkUnfilled(request: LoadRequest | undefined, mistakes: Mistakes): void {
  if (request === undefined) return;
  for (const [path, text] of textsOfStep(request, { request: NOT_SENT, at: ['steps'] }))
    if (templateNames(text).length > 0)
      mistakes.about(
        path,
        'values are not filled into what a function of steps returns',
        'let the function return it with each request: it is given the user and its `values`',
      );
}

/** Rejects placeholders without a value. */
export function checkUserTemplates(
  scenario: WrittenScenario,
  requests: readonly LoadRequest[],
  options: LoadOptions,
  data: LoadData | null,
  mistakes: Mistakes,
): void {
  // The columns are unknown if their file could not be read.
  if (options.data !== undefined && data === null) return;
  if (data !== null) checkValues(requests, data, options.data ?? '', mistakes);
  if (scenario.isFunction) checkUnfilled(requests[scenario.before.length], mistakes);
  checkNames(
    requests,
    allOf(scenario),
    knownToSteps(scenario, options, data, mistakes),
    mistakes,
    textsOfStep,
  );
}

function toThink(think: LoadThinkOptions | undefined, at: Path, mistakes: Mistakes): readonly [Ms, Ms] {
  const [shortest, longest] = typeof think === 'object' ? think : [think, think];
  const range = [toDuration(shortest, ms(0)), toDuration(longest, ms(0))] as const;
  if (range[0] > range[1])
    mistakes.about(at, 'the shortest pause comes first', `write it as ['${longest}', '${shortest}']`);
  return range;
}

/** @param requests of the plan, in the order of `allOf` */
export function toScenario(
  written: WrittenScenario,
  options: LoadOptions,
  model: LoadModel,
  mistakes: Mistakes,
): LoadScenario {
  const all = allOf(written);
  const common = toThink(options.think, ['think'], mistakes);
  const toSteps = (steps: readonly WrittenStep[], fallback: readonly [Ms, Ms]): LoadStep[] =>
    steps.map((step) => ({
      request: all.indexOf(step),
      think:
        step.request.think === undefined
          ? fallback
          : toThink(step.request.think, [...step.at, 'think'], mistakes),
    }));
  const none = [ms(0), ms(0)] as const;
  return {
    users: usersOf(options, model.stages),
    before: toSteps(written.before, none),
    order: written.isFunction ? 'function' : isWeighted(written) ? 'weighted' : 'sequence',
    steps: toSteps(written.steps, common),
    onStatus: written.onStatus.map(({ status, steps }) => ({ status, steps: toSteps(steps, none) })),
  };
}
