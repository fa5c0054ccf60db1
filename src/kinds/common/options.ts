/** The options of every component. */
import * as v from 'valibot';
import {
  anyOptionsOf,
  count,
  type EntriesOf,
  EnvSchema,
  FlagSchema,
  NamesSchema,
  namedValues,
  oneOrMore,
  TextSchema,
} from './schema.ts';
import { type DurationOptions, DurationSchema, type RunOptions, RunSchema } from './words.ts';

/** Options of every component. */
export interface CommonOptions {
  /** Additional environment variables for its processes. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder it runs in, relative to the config file. Default: that file's folder. */
  readonly cwd?: string;
  /** How long one attempt may take, services included. Default: 10m. */
  readonly timeout?: DurationOptions;
  /** After how long a running attempt is reported as SLOW. Default: 60s, or half of `timeout` if that is sooner. */
  readonly slow?: DurationOptions;
  /** How often a failed attempt is retried; a pass on a retry is shown as FLAKY. Default: 0. */
  readonly retries?: number;
  /** Whether a pass on a retry lets the component pass (`warn`) or not (`fail`). `--flaky` overrides it. Default: warn. */
  readonly flaky?: 'warn' | 'fail';
  /** Components that must pass first; they are run too. Also services and tasks of the suite that it needs. */
  readonly needs?: readonly string[];
  /** Runs only if it is named on the command line. Default: false. */
  readonly onlyWhenNamed?: boolean;
  /** Helper processes that its commands may leave behind without failing, each given by a text that occurs anywhere in the helper's command line, such as `gpg-agent` or `sleep 8888`. `sleep` alone would also allow `node sleepy.js`; a text without a letter or a digit is rejected. The helpers and whatever they started are stopped all the same. */
  readonly leave?: readonly string[];
  /** Commands to run before each attempt and each repetition, such as one that makes a fresh database. When one fails, the attempt fails. */
  readonly before?: string | readonly RunOptions[];
  /** Commands to run after each attempt, however it ended. If it ran into its time limit or was interrupted, they get 30 seconds. */
  readonly after?: string | readonly RunOptions[];
  /** For `shakedown prove`: the module under test, and which faults must or need not be noticed. */
  readonly prove?: ProveOptions;
}

/** What `shakedown prove` is told about a component. */
export interface ProveOptions {
  /** The module under test, or several, as an import writes them. Default: the package that the project makes. */
  readonly module?: string | readonly string[];
  /** Faults that the component must notice as well, such as `slow` or `loads wrong-result`; by default those that any check of its kind must. */
  readonly demand?: readonly string[];
  /** Faults that it need not notice, each with the reason, such as `{ 'wrong-value': 'the body is random' }`. */
  readonly ignore?: Readonly<Record<string, string>>;
}

const REASON_MESSAGE = 'must be the reason, in words: it is shown whenever the fault is ignored';
/** @internal */
export const ProveSchema = anyOptionsOf<ProveOptions>('ProveOptions', {
  module: v.optional(oneOrMore(TextSchema, 'must be the name of a module, or a list of names')),
  demand: v.optional(NamesSchema),
  ignore: v.optional(
    namedValues(
      v.pipe(v.string(REASON_MESSAGE), v.regex(/\S/, REASON_MESSAGE)),
      'must be an object of faults and reasons',
    ),
  ),
});

/** A blank stands in every command line that has an argument. An empty text is told as such. */
const HelperSchema = v.pipe(
  TextSchema,
  v.regex(
    /^$|[\w\u0080-\uffff]/,
    'must contain a letter or a digit: anything else allows nearly every process',
  ),
);

const COMMANDS_MESSAGE =
  'must be a command, or a list of commands: ["./reset", ["psql", "-f", "schema.sql"]]';
const CommandsSchema = v.union(
  [v.pipe(v.string(), v.nonEmpty(COMMANDS_MESSAGE)), v.array(RunSchema)],
  COMMANDS_MESSAGE,
);

/** @internal */
export const common = {
  env: v.optional(EnvSchema),
  cwd: v.optional(TextSchema),
  timeout: v.optional(DurationSchema),
  slow: v.optional(DurationSchema),
  retries: v.optional(count(0)),
  flaky: v.optional(v.picklist(['warn', 'fail'], 'must be "warn" or "fail"')),
  needs: v.optional(NamesSchema),
  onlyWhenNamed: v.optional(FlagSchema),
  before: v.optional(CommandsSchema),
  after: v.optional(CommandsSchema),
  prove: v.optional(ProveSchema),
  leave: v.optional(v.array(HelperSchema, 'must be a list of texts, such as ["gpg-agent"]')),
} satisfies EntriesOf<CommonOptions>;
