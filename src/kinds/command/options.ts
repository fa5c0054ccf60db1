/** The words of `command({ … })`. */
import * as v from 'valibot';
import { type CommonOptions, common } from '../common/options.ts';
import { optionsOf, TextSchema } from '../common/schema.ts';
import { type ExpectOptions, ExpectSchema, type RunOptions, RunSchema } from '../common/words.ts';

/** A command that passes or fails. */
export interface CommandOptions extends CommonOptions {
  /** Marks the kind; `command()` sets it. */
  readonly kind: 'command';
  /** The command. */
  readonly run: RunOptions;
  /** What it must do to pass. */
  readonly expect?: ExpectOptions;
  /** Where it writes the results of its tests as JUnit XML: a file such as `junit.xml`, or a pattern such as `build/test-results/**\/*.xml`, relative to `cwd`. It must write them in each run. Without it, tests are read from the output of a runner that is known. */
  readonly results?: string;
  /** Also fail for errors that the script never retrieves: those of its threads, futures, tasks and promises. The value says what runs the script: `python` or `node`. A folder's `thread` is run like this. */
  readonly lostErrors?: 'python' | 'node';
}

declare module '../options.ts' {
  interface OptionsByKind {
    command: CommandOptions;
  }
}

/** @internal */
export const CommandSchema = optionsOf<CommandOptions>('CommandOptions', {
  kind: v.literal('command'),
  run: RunSchema,
  expect: v.optional(ExpectSchema),
  results: v.optional(TextSchema),
  lostErrors: v.optional(v.picklist(['python', 'node'], 'must be "python" or "node"')),
  ...common,
});
