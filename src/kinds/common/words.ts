/** Options that several kinds share: commands, patterns, durations, and expectations. */
import * as v from 'valibot';
import { parseDuration } from '../../core/units.ts';
import { anyOptionsOf, type EntriesOf, whole } from './schema.ts';

/** What a command must do to pass. */
export interface ExpectOptions {
  /** The exit code, or the codes, that mean success. Default: 0. */
  readonly exitCode?: number | readonly number[];
  /** Must each be found in the output. */
  readonly output?: PatternOptions | readonly PatternOptions[];
  /** Must not be found in the output, in addition to the crash reports that are never allowed. */
  readonly forbid?: PatternOptions | readonly PatternOptions[];
  /** Lines that are fine although they look like a crash report or match `forbid`. */
  readonly allow?: PatternOptions | readonly PatternOptions[];
}

/** A line for the shell (`/bin/sh`), or a program and its arguments as they are. */
export type RunOptions = string | readonly [string, ...string[]];

/** A text that a line of output must contain, or a regular expression that must match it. In JSON, use the long form. */
export type PatternOptions = string | RegExp | { readonly regex: string; readonly flags?: string };

/** A span of time: `500ms`, `5s`, `1m30s`, `1h`. */
export type DurationOptions = string;

/** A status code, or the first and the last of a range. */
export type StatusOptions = number | readonly [number, number];

const RUN_MESSAGE = 'must be a command: a line for the shell, or a non-empty list of words';

/** Whether a list is meant as a shell line: no program has a name such as `npm test`. */
const isLine = ([program, ...args]: readonly [string, ...string[]]): boolean =>
  args.length === 0 && /^[\w.-]+\s/.test(program);

/** @internal */
export const RunSchema = v.union(
  [
    v.pipe(v.string(), v.nonEmpty(RUN_MESSAGE)),
    v.pipe(
      v.tupleWithRest([v.pipe(v.string(), v.nonEmpty(RUN_MESSAGE))], v.string(), RUN_MESSAGE),
      v.check(
        (words) => !isLine(words),
        ({ input: [line] }) =>
          `is a list of one word, which no program has for a name: write ${JSON.stringify(line)} for the shell, or [${line
            .trim()
            .split(/\s+/)
            .map((word) => JSON.stringify(word))
            .join(', ')}]`,
      ),
    ),
  ],
  RUN_MESSAGE,
);

const PATTERN_MESSAGE = 'must be a non-empty text, a regular expression, or { regex: "…" }';
/** @internal */
export const PatternSchema: v.GenericSchema<unknown, PatternOptions> = v.union(
  [
    v.pipe(v.string(), v.nonEmpty(PATTERN_MESSAGE)),
    v.instance(RegExp),
    v.strictObject({ regex: v.string(), flags: v.optional(v.string()) }),
  ],
  PATTERN_MESSAGE,
) as never;

/** @internal */
export const PatternsSchema = v.union(
  [PatternSchema, v.array(PatternSchema)],
  'must be a pattern or a list of them: a text, a regular expression, or { regex: "…" }',
);

/** @internal */
export const DurationSchema = v.pipe(
  v.string('must be a duration such as "500ms", "5s" or "1m"'),
  v.check(
    (text) => parseDuration(text).ok,
    (issue) => {
      const parsed = parseDuration(issue.input);
      return parsed.ok ? '' : `must be a duration: ${parsed.error}`;
    },
  ),
);

const STATUS_MESSAGE = 'must be an HTTP status from 100 to 599, or a pair such as [200, 299]';
const StatusCodeSchema = whole(STATUS_MESSAGE, 100, 599);
/** @internal */
export const StatusSchema = v.union(
  [
    StatusCodeSchema,
    v.pipe(
      v.strictTuple([StatusCodeSchema, StatusCodeSchema]),
      v.check(([first, last]) => first <= last, 'must be a range that begins with its lower end'),
    ),
  ],
  STATUS_MESSAGE,
);

const EXIT_MESSAGE = 'must be an exit code from 0 to 255, or a list of them';
/** @internal */
export const ExitCodeSchema = whole(EXIT_MESSAGE, 0, 255);

const output: EntriesOf<Omit<ExpectOptions, 'exitCode'>> = {
  output: v.optional(PatternsSchema),
  forbid: v.optional(PatternsSchema),
  allow: v.optional(PatternsSchema),
};

/** @internal */
export const OutputSchema = anyOptionsOf<Omit<ExpectOptions, 'exitCode'>>('ExpectOptions', output);

/** @internal */
export const ExpectSchema = anyOptionsOf<ExpectOptions>('ExpectOptions', {
  exitCode: v.optional(
    v.union([ExitCodeSchema, v.pipe(v.array(ExitCodeSchema), v.minLength(1, EXIT_MESSAGE))], EXIT_MESSAGE),
  ),
  ...output,
});
