/** Which options exist, and where each belongs: for hints about unknown options. */
import * as v from 'valibot';
import { suggest } from '../core/suggest.ts';
import type { Words } from '../kinds/index.ts';
import { ComposeSchema, ContainerSchema } from './container-options.ts';
import {
  SetupStepSchema,
  SharedServiceSchema,
  SuiteSchema,
  TaskSchema,
  TeardownStepSchema,
  UndoSchema,
} from './options.ts';

/** How objects of options are called in messages, by the title of their schema. */
const PLACES = {
  SuiteOptions: 'defineSuite({ … })',
  SetupOptions: 'a step of `setup`',
  UndoOptions: 'the `undo` of a step of `setup`',
  TeardownOptions: 'a step of `teardown`',
  SharedServiceOptions: 'service({ … })',
  ContainerOptions: 'container({ … })',
  ComposeOptions: 'compose({ … })',
  ContainerPortOptions: '`port` of container({ … })',
  BuildOptions: '`build` of container({ … })',
  StartServiceOptions: 'startService({ … })',
  TaskOptions: 'task({ … })',
  LoadOptions: 'load({ … })',
  LoadRequestOptions: 'a request of `mix`',
  LoadStepOptions: 'a step of `steps`',
  LoadStageOptions: 'a stage of `stages`',
  LoadExpectOptions: '`expect` of load({ … })',
  ExpectOptions: '`expect` of a command',
} as const satisfies Readonly<Record<string, string>>;

/** More would not help. */
const MOST_PLACES = 4;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

type PlaceNames = Readonly<Record<string, string | undefined>>;

/** The places that each option belongs in, by its name; empty for options of something unnamed. */
type Places = Map<string, Set<string>>;

const titleOf = (schema: Record<string, unknown>): string | undefined => {
  const parts = Array.isArray(schema.pipe) ? schema.pipe.filter(isObject) : [];
  return parts.map(({ type, title }) => (type === 'title' ? String(title) : undefined)).find(Boolean);
};

function collect(schema: unknown, found: Places, names: PlaceNames, title?: string): Places {
  if (!isObject(schema)) return found;
  const place = names[titleOf(schema) ?? title ?? ''];
  if (isObject(schema.entries)) {
    for (const [name, entry] of Object.entries(schema.entries)) {
      const places = found.get(name) ?? new Set();
      found.set(name, place === undefined ? places : places.add(place));
      collect(entry, found, names);
    }
    return found;
  }
  for (const inner of [schema.wrapped, schema.item, schema.value]) collect(inner, found, names);
  if (Array.isArray(schema.options)) for (const option of schema.options) collect(option, found, names);
  if (Array.isArray(schema.pipe))
    for (const part of schema.pipe) if (part !== schema) collect(part, found, names, titleOf(schema));
  return found;
}

const belongs = (name: string, places: ReadonlySet<string> | undefined): string | undefined =>
  places === undefined || places.size === 0 || places.size > MOST_PLACES
    ? undefined
    : `"${name}" belongs in ${[...places].join(', or in ')}`;

export class OptionNames {
  readonly #own: Places;
  readonly #words: ReadonlyMap<string, Words>;
  readonly #isSuite: boolean;

  /** @param schema of the whole: a component, the suite, a load */
  constructor(schema: v.GenericSchema, words: ReadonlyMap<string, Words>) {
    this.#words = words;
    this.#isSuite = schema === SuiteSchema;
    this.#own = this.#placesOf([schema]);
  }

  /** @returns what to do about an option that is not where it was written, if that is known */
  hintFor(name: string): string | undefined {
    // What the suite shares is worded like what its components have of their own.
    const places = this.#isSuite ? this.#placesOf(this.#all()) : this.#own;
    const here = this.#own.has(name) ? belongs(name, places.get(name)) : undefined;
    if (here !== undefined) return here;
    const near = suggest(
      name,
      [...this.#own.keys()].filter((other) => other !== name),
    );
    return near === undefined
      ? belongs(name, this.#placesOf(this.#all()).get(name))
      : `did you mean "${near}"?`;
  }

  #all(): v.GenericSchema[] {
    return [SuiteSchema, ...[...this.#words.values()].map(({ schema }) => schema)];
  }

  #placesOf(schemas: readonly v.GenericSchema[]): Places {
    const all = [...this.#words];
    const kinds = all.map(([kind, { schema }]) => [v.getTitle(schema) ?? '', `${kind}({ … })`]);
    const names: PlaceNames = Object.assign(
      Object.fromEntries(kinds),
      PLACES,
      ...all.map(([, each]) => each.places),
    );
    const found: Places = new Map();
    for (const schema of schemas) {
      // Lazy schemas choose when they see the input, so their choices cannot be found by walking them.
      const choices =
        schema === SuiteSchema
          ? [
              SetupStepSchema,
              UndoSchema,
              TeardownStepSchema,
              SharedServiceSchema,
              ContainerSchema,
              ComposeSchema,
              TaskSchema,
            ]
          : all.find(([, each]) => each.schema === schema)?.[1].choices;
      for (const each of [schema, ...(choices ?? [])]) collect(each, found, names);
    }
    // What a container has in common with a service is told of the service alone: a longer list would not help.
    for (const places of found.values())
      if (places.has(PLACES.SharedServiceOptions))
        for (const other of [PLACES.ContainerOptions, PLACES.ComposeOptions]) places.delete(other);
    return found;
  }
}
