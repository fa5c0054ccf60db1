/** The JSON Schema of a config: its rules from the schema that validates configs, its texts from the types. */
import { type ConversionConfig, type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import { type GenericSchema, getTitle } from 'valibot';
import {
  BuildSchema,
  ComposeSchema,
  ContainerPortSchema,
  ContainerSchema,
} from '../src/config/container-options.ts';
import {
  AnySetupSchema,
  AnySharedSchema,
  AnyTeardownSchema,
  AnyUndoSchema,
  SetupStepSchema,
  SharedServiceSchema,
  SuiteSchema,
  TaskSchema,
  TeardownStepSchema,
  UndoSchema,
} from '../src/config/options.ts';
import { COMPONENT_NAME } from '../src/config/validate.ts';
import { CommandSchema } from '../src/kinds/command/options.ts';
import { AnyFaultSchema, FaultSchema, ViaSchema } from '../src/kinds/common/fault-options.ts';
import {
  AnyReadySchema,
  ReadySchema,
  StopSchema,
  StopSignalSchema,
} from '../src/kinds/common/service-options.ts';
import {
  DurationSchema,
  ExpectSchema,
  PatternSchema,
  RunSchema,
  StatusSchema,
} from '../src/kinds/common/words.ts';
import { AnyClientSchema, ClientSchema, HttpSchema, OwnServiceSchema } from '../src/kinds/http/options.ts';
import { loadWords } from '../src/kinds/index.ts';
import { AnyInputsSchema, InputsSchema } from '../src/kinds/threads/options.ts';
import {
  LoadBodySchema,
  LoadExpectSchema,
  LoadRequestSchema,
  LoadSchema,
  LoadStageSchema,
  LoadStepSchema,
  StepsOrFunctionSchema,
} from '../src/load/options/options.ts';
import { allOptions, type OptionTexts } from './option-texts.ts';

const titleOf = (schema: GenericSchema): string => getTitle(schema) ?? '';
const COMPONENTS = [...(await loadWords()).values()].map(({ schema }) => schema);

/** What is defined once and referred to by name: the name of its type. */
const DEFINITIONS: Readonly<Record<string, GenericSchema>> = {
  RunOptions: RunSchema,
  PatternOptions: PatternSchema,
  DurationOptions: DurationSchema,
  StatusOptions: StatusSchema,
  ExpectOptions: ExpectSchema,
  ReadyOptions: ReadySchema,
  FaultOptions: FaultSchema,
  OwnServiceOptions: OwnServiceSchema,
  SharedServiceOptions: SharedServiceSchema,
  ContainerOptions: ContainerSchema,
  ComposeOptions: ComposeSchema,
  ContainerPortOptions: ContainerPortSchema,
  BuildOptions: BuildSchema,
  TaskOptions: TaskSchema,
  StopOptions: StopSchema,
  StopSignalOptions: StopSignalSchema,
  ClientOptions: ClientSchema,
  LoadOptions: LoadSchema,
  LoadExpectOptions: LoadExpectSchema,
  LoadBodyOptions: LoadBodySchema,
  LoadRequestOptions: LoadRequestSchema,
  LoadStepOptions: LoadStepSchema,
  LoadStageOptions: LoadStageSchema,
  SetupOptions: SetupStepSchema,
  UndoOptions: UndoSchema,
  TeardownOptions: TeardownStepSchema,
  CommandOptions: CommandSchema,
  HttpOptions: HttpSchema,
  InputOptions: InputsSchema,
  ...Object.fromEntries(COMPONENTS.map((schema) => [titleOf(schema), schema])),
};

/** The same as `parseDuration` reads, but for its longest span, which no pattern can tell. */
export const DURATION_PATTERN = '^(?=.*[1-9])(?:\\d+(?:\\.\\d+)?(?:ms|s|m|h))+$';

const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });
const anyOf = (...names: string[]): JsonSchema => ({ anyOf: names.map(ref) });
/** Stands for what JSON cannot hold, until the union that it is part of leaves it out. */
const NEVER: JsonSchema = { not: {} };
const isNever = (schema: unknown): boolean => JSON.stringify(schema) === JSON.stringify(NEVER);

const CONVERSION: ConversionConfig = {
  target: 'draft-2020-12',
  typeMode: 'output',
  definitions: DEFINITIONS,
  // Durations, whose pattern is given below, and the order of a pair: no keyword tells it.
  ignoreActions: ['check'],
  overrideSchema: ({ valibotSchema, jsonSchema }) => {
    if (valibotSchema === AnyClientSchema) return anyOf('RunOptions', 'ClientOptions', 'LoadOptions');
    if (valibotSchema === AnyInputsSchema)
      return { anyOf: [{ type: 'string', minLength: 1 }, ref('InputOptions')] };
    if (valibotSchema === AnyReadySchema) return ref('ReadyOptions');
    if (valibotSchema === AnyFaultSchema) return ref('FaultOptions');
    if (valibotSchema === ViaSchema)
      return { anyOf: [ref('FaultOptions'), { type: 'array', items: ref('FaultOptions'), minItems: 1 }] };
    if (valibotSchema === AnySharedSchema)
      return anyOf('SharedServiceOptions', 'ContainerOptions', 'ComposeOptions', 'TaskOptions');
    if (valibotSchema === AnySetupSchema) return anyOf('RunOptions', 'SetupOptions');
    if (valibotSchema === AnyUndoSchema) return anyOf('RunOptions', 'UndoOptions');
    if (valibotSchema === AnyTeardownSchema) return anyOf('RunOptions', 'TeardownOptions');
    if (valibotSchema === StepsOrFunctionSchema)
      return { type: 'array', items: ref('LoadStepOptions'), minItems: 1 };
    if (valibotSchema.type === 'instance') return NEVER;
    if (valibotSchema.type === 'union')
      return { ...jsonSchema, anyOf: (jsonSchema.anyOf ?? []).filter((option) => !isNever(option)) };
    return undefined;
  },
};

/** Puts the texts of the types to every object that bears the name of one, and demands that both have the same options. */
function describe(schema: JsonSchema, texts: OptionTexts, isPart = false): void {
  const { title, properties } = schema;
  if (title !== undefined) {
    const text = texts.get(title);
    if (text === undefined) throw new Error(`the schema names a type that does not exist: ${title}`);
    schema.description ??= text.description;
    const options = new Map(allOptions(texts, title).map((option) => [option.name, option]));
    for (const [name, property] of Object.entries(properties ?? {})) {
      const option = options.get(name);
      if (option === undefined) throw new Error(`${title} has no option ${name}, but its schema has`);
      if (typeof property === 'object') property.description = option.description;
      options.delete(name);
    }
    if (options.size > 0 && !isPart)
      throw new Error(`the schema of ${title} lacks ${[...options.keys()].join(', ')}`);
  }
  // What a service may expect is a part of what a command may.
  for (const [name, property] of Object.entries(properties ?? {}))
    if (typeof property === 'object') describe(property, texts, name === 'expect');
  for (const part of schema.anyOf ?? []) if (typeof part === 'object') describe(part, texts);
}

/** What is defined by name. Whatever is lazy gets a number for a name, to which only the name that we gave leads. */
function namedDefinitions(suite: JsonSchema): Record<string, JsonSchema> {
  const all = Object.entries(suite.$defs ?? {}).filter(
    (entry): entry is [string, JsonSchema] => typeof entry[1] === 'object',
  );
  const isNumbered = (name: string): boolean => /^\d+$/.test(name);
  const byRef = new Map(all.map(([name, definition]) => [ref(name).$ref, definition]));
  const named = all.filter(([name]) => !isNumbered(name));
  return Object.fromEntries(named.map(([name, own]) => [name, byRef.get(own.$ref) ?? own]));
}

/** @param texts what the types say of each option */
export function configSchema(texts: OptionTexts): JsonSchema {
  const suite = toJsonSchema(SuiteSchema, CONVERSION);
  const named = namedDefinitions(suite);
  const definitions: Record<string, JsonSchema> = {
    ...named,
    DurationOptions: { ...named.DurationOptions, pattern: DURATION_PATTERN },
    ComponentOptions: {
      oneOf: COMPONENTS.map((schema) => ref(titleOf(schema))),
    },
  };
  const components: JsonSchema = {
    type: 'object',
    minProperties: 1,
    propertyNames: { pattern: COMPONENT_NAME.source },
    additionalProperties: ref('ComponentOptions'),
  };
  for (const [name, definition] of Object.entries(definitions)) {
    const text = texts.get(name);
    if (text === undefined) throw new Error(`there is no type for the definition ${name}`);
    definition.description = text.description;
    describe(definition, texts);
  }
  const whole: JsonSchema = { ...suite, properties: { ...suite.properties, components } };
  describe(whole, texts);
  const { $schema, title, description, ...rules } = whole;
  return { $schema, title, description, ...rules, $defs: definitions } as JsonSchema;
}
