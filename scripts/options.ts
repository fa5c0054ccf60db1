/** The options of a command of this repository, from one table: what it takes, its help, and the types of its values. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** An option: how its value is written in the help, what it is for, and what its text means. */
interface OptionType<T> {
  readonly placeholder: string | null;
  readonly says: string;
  readonly fallback: T;
  readonly isMany?: true;
  /** @throws when the text is none */
  readonly parse: (flag: string, text: string) => T;
}

const wholeNumber =
  (least: number) =>
  (flag: string, text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value >= 2 ** 31)
      throw new Error(`--${flag} is a whole number from ${least}, not ${text}`);
    return value;
  };

/** A path as it was meant: the script that starts us, and npm as well, change the folder and say here what it was. */
const asGiven = (path: string): string => resolve(process.env.INIT_CWD ?? '.', path);

/** A whole number with a default. */
export const number = (says: string, fallback: number, least = 1, placeholder = 'N'): OptionType<number> => ({
  ...{ placeholder, fallback, parse: wholeNumber(least) },
  says: `${says} (default ${fallback})`.trim(),
});

/** A whole number that need not be given. */
export const maybeNumber = (says: string, least = 1, placeholder = 'N'): OptionType<number | undefined> => ({
  ...{ placeholder, says, fallback: undefined, parse: wholeNumber(least) },
});

/** What chance is drawn from. */
export const seed = (): OptionType<number> => ({
  ...{ placeholder: 'S', fallback: Date.now() % 1_000_000, parse: wholeNumber(0) },
  says: 'what they are drawn from (default: one of the moment, which is printed)',
});

/** A path, made absolute. */
export const path = (says: string, placeholder = 'FILE'): OptionType<string | undefined> => ({
  ...{ placeholder, says, fallback: undefined, parse: (_: string, text: string) => asGiven(text) },
});

/** A text that may be given several times. */
export const texts = (says: string, placeholder: string): OptionType<readonly string[]> => ({
  ...{ placeholder, says, fallback: [], isMany: true as const, parse: (_: string, text: string) => [text] },
});

export const flag = (says: string): OptionType<boolean> => ({
  ...{ placeholder: null, says, fallback: false, parse: () => true },
});

/** Their names as in the program: `floodMb` is `--flood-mb`. */
type Table = Readonly<Record<string, OptionType<unknown>>>;

type Values<T extends Table> = { readonly [K in keyof T]: T[K] extends OptionType<infer V> ? V : never };

export interface Command<T extends Table> {
  /** How it is called, such as `bench/load [options]`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: T;
  /** What names without a dash mean; without it there are none. */
  readonly names?: string;
}

/** The values of a command's options. */
export type OptionsOf<C extends Command<Table>> = Values<C['options']>;

const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function helpOf({ usage, summary, options, names }: Command<Table>): string {
  const rows = Object.entries(options).map(([name, { placeholder, says }]) => [
    `--${flagOf(name)}${placeholder === null ? '' : ` ${placeholder}`}`,
    says,
  ]);
  const width = Math.max(...rows.map(([left = '']) => left.length));
  const lines = [...rows, ['--help', '']].map(([left = '', right = '']) =>
    `  ${left.padEnd(width)}  ${right}`.trimEnd(),
  );
  return `${usage}: ${summary}\n\n${lines.join('\n')}\n${names === undefined ? '' : `\n${names}\n`}`;
}

/**
 * @param argv what follows the name of the command
 * @returns the values; undefined when help was asked for, and has been printed
 * @throws when an option is unknown, or its value is none
 */
export function parseOptions<T extends Table>(
  command: Command<T>,
  argv: readonly string[],
): { readonly options: Values<T>; readonly names: readonly string[] } | undefined {
  const table = Object.entries(command.options).map(([name, type]) => ({ name, flag: flagOf(name), type }));
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: command.names !== undefined,
    options: {
      help: { type: 'boolean' },
      ...Object.fromEntries(
        table.map(({ flag, type }) => [
          flag,
          { type: type.placeholder === null ? ('boolean' as const) : ('string' as const), multiple: true },
        ]),
      ),
    },
  });
  if (values.help === true) {
    process.stdout.write(helpOf(command));
    return undefined;
  }
  const given: Readonly<Record<string, unknown>> = values;
  const entries = table.map(({ name, flag, type }) => {
    const said = given[flag] as readonly (string | true)[] | undefined;
    if (said === undefined) return [name, type.fallback];
    const parsed = said.map((text) => type.parse(flag, String(text)));
    return [name, type.isMany === true ? parsed.flat() : parsed.at(-1)];
  });
  return { options: Object.fromEntries(entries) as Values<T>, names: positionals };
}
