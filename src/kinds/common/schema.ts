/** Builds schemas of options, checked against the interface: exactly its options, none missing, none more. */
import * as v from 'valibot';

/** One schema for each option of an interface. The compiler notices a missing one, and one that accepts too much. */
export type EntriesOf<Options> = {
  readonly [Name in keyof Options]-?: Partial<Pick<Options, Name>> extends Pick<Options, Name>
    ? v.OptionalSchema<v.GenericSchema<unknown, Exclude<Options[Name], undefined>>, undefined>
    : v.GenericSchema<unknown, Options[Name]>;
};

/** Rejects lists, which valibot takes for objects with the keys 0, 1, 2 … */
const anObject = (message: string) =>
  v.custom<Record<string, unknown>>(
    (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
    message,
  );

const strict = <Options>(entries: EntriesOf<Options>) =>
  v.strictObject(entries as unknown as Record<string, v.GenericSchema<unknown, never>>);

/** An object of options; `title`, the name of their interface, also names their definition in the JSON Schema. */
export const optionsOf = <Options>(
  title: string,
  entries: EntriesOf<Options>,
): v.GenericSchema<unknown, Options> => v.pipe(strict(entries), v.title(title)) as never;

/** An object none of whose options is required. */
export const anyOptionsOf = <Options>(
  title: string,
  entries: EntriesOf<Options>,
): v.GenericSchema<unknown, Options> =>
  v.pipe(anObject('must be an object of options'), strict(entries), v.title(title)) as never;

/** An object with names of the user's own choice. */
export const namedValues = <V extends v.GenericSchema>(value: V, message: string) =>
  v.pipe(anObject(message), v.record(v.string(), value, message));

export const listOf = <S extends v.GenericSchema>(item: S, message: string) =>
  v.pipe(v.array(item, message), v.minLength(1, message));

export const oneOrMore = <S extends v.GenericSchema>(item: S, message: string) =>
  v.union([item, listOf(item, message)], message);

/** A whole number from `least` to `most`. */
export const whole = (message: string, least: number, most: number) =>
  v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));

export const count = (least: number) => {
  const message = `must be a whole number of at least ${least}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message));
};

export const TextSchema = v.pipe(v.string('must be a text'), v.nonEmpty('must not be empty'));
export const FlagSchema = v.boolean('must be true or false');
export const NamesSchema = v.array(v.string('must be a name'), 'must be a list of names');
export const EnvSchema = namedValues(
  v.string('must be a text: an environment contains nothing else'),
  'must be an object of names and texts',
);
