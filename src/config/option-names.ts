/** What options there are, and where each belongs: for who has written one that is not there. */
import type * as v from 'valibot';
import { suggest } from '../domain/suggest.ts';
import { ClientSchema, HttpSchema, ReadySchema, ServiceSchema } from '../kinds/http/options.ts';
import { KINDS } from '../kinds/index.ts';
import { LoadSchema } from './load/options.ts';
import { SetupStepSchema, SuiteSchema } from './options.ts';

/** Schemas that others choose from when they see the input, so that they cannot be found in them. */
const CHOSEN: ReadonlyMap<v.GenericSchema, readonly v.GenericSchema[]> = new Map<
  v.GenericSchema,
  readonly v.GenericSchema[]
>([
  [SuiteSchema, [SetupStepSchema]],
  [HttpSchema, [ClientSchema, LoadSchema, ReadySchema]],
]);

const ALL: readonly v.GenericSchema[] = [
  ServiceSchema,
  SuiteSchema,
  ...[...KINDS.values()].map(({ schema }) => schema),
];

/** How an object of options is written, by the title of its schema. */
const PLACES: Readonly<Record<string, string>> = {
  SuiteOptions: 'defineSuite({ … })',
  SetupOptions: 'a step of `setup`',
  CommandOptions: 'command({ … })',
  HttpOptions: 'http({ … })',
  ThreadsOptions: 'threads({ … })',
  TypesOptions: 'types({ … })',
  InitOptions: 'init({ … })',
  ServiceOptions: 'server: { … }',
  ClientOptions: 'client: { … }',
  LoadOptions: 'load({ … })',
  LoadRequestOptions: 'a request of `mix`',
  LoadStageOptions: 'a stage of `stages`',
  LoadExpectOptions: '`expect` of load({ … })',
  ExpectOptions: '`expect` of a command',
  StopLongOptions: 'stop: { … }',
  ReadyHttpOptions: 'ready: { http: … }',
  ReadyExecOptions: 'ready: { exec: … }',
};

/** More places than that are no help. */
const MOST_PLACES = 3;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** The name of each option, and the places that it belongs in; none where it is an option of something unnamed. */
type Places = Map<string, Set<string>>;

const titleOf = (schema: Record<string, unknown>): string | undefined => {
  const parts = Array.isArray(schema.pipe) ? schema.pipe.filter(isObject) : [];
  return parts.map(({ type, title }) => (type === 'title' ? String(title) : undefined)).find(Boolean);
};

function collect(schema: unknown, found: Places, title?: string): Places {
  if (!isObject(schema)) return found;
  const place = PLACES[titleOf(schema) ?? title ?? ''];
  if (isObject(schema.entries)) {
    for (const [name, entry] of Object.entries(schema.entries)) {
      const places = found.get(name) ?? new Set();
      found.set(name, place === undefined ? places : places.add(place));
      collect(entry, found);
    }
    return found;
  }
  for (const inner of [schema.wrapped, schema.item, schema.value]) collect(inner, found);
  if (Array.isArray(schema.options)) for (const option of schema.options) collect(option, found);
  if (Array.isArray(schema.pipe))
    for (const part of schema.pipe) if (part !== schema) collect(part, found, titleOf(schema));
  return found;
}

function placesOf(schemas: readonly v.GenericSchema[]): Places {
  const found: Places = new Map();
  for (const schema of schemas)
    for (const each of [schema, ...(CHOSEN.get(schema) ?? [])]) collect(each, found);
  return found;
}

const belongs = (name: string, places: ReadonlySet<string> | undefined): string | undefined =>
  places === undefined || places.size === 0 || places.size > MOST_PLACES
    ? undefined
    : `"${name}" belongs in ${[...places].join(', or in ')}`;

export class OptionNames {
  readonly #own: Places;

  /** @param schema of what is looked at as a whole: a component, the suite, a load */
  constructor(schema: v.GenericSchema) {
    this.#own = placesOf([schema]);
  }

  /** @returns what to do about an option that is not where it was written, if that can be told */
  hintFor(name: string): string | undefined {
    const here = belongs(name, this.#own.get(name));
    if (here !== undefined) return here;
    const near = suggest(
      name,
      [...this.#own.keys()].filter((other) => other !== name),
    );
    return near === undefined ? belongs(name, placesOf(ALL).get(name)) : `did you mean "${near}"?`;
  }
}
