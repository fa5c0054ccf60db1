/** The words of `types({ … })`. */
import * as v from 'valibot';
import { type CommonOptions, common } from '../common/options.ts';
import { oneOrMore, optionsOf, TextSchema } from '../common/schema.ts';
import { type ExpectOptions, ExpectSchema } from '../common/words.ts';

/** A usage sample that is run and type-checked, or a package whose types are tested as it is published. */
export interface TypesOptions extends CommonOptions {
  /** Marks the kind; `types()` sets it. */
  readonly kind: 'types';
  /** The sample, a `.ts` or `.py` file. It may be left out only if there is a `package`. */
  readonly sample?: string;
  /** The npm package that the sample uses: a folder, a tarball or `name@version`. It is packed and installed in a clean folder, and what it exports is compared with what it declares. */
  readonly package?: string;
  /** Files that must not type-check. They expose types that are all `any`. */
  readonly negative?: string | readonly string[];
  /** Versions of TypeScript, as npm takes them. Default: the oldest that the package says it supports (or else 5.7), and the newest. Needs `package`. */
  readonly typescript?: string | readonly string[];
  /** How TypeScript looks for modules. Default: all three. Needs `package`. */
  readonly resolution?: 'node16' | 'nodenext' | 'bundler' | readonly ('node16' | 'nodenext' | 'bundler')[];
  /** The Python module that the sample uses, as an import would write it: stubtest compares its stubs with it. */
  readonly module?: string;
  /** The percentage of the public names of `module` whose types must be known, as pyright counts. Default: not counted. */
  readonly completeness?: number;
  /** What the sample must do to pass when it is run. */
  readonly expect?: ExpectOptions;
}

declare module '../options.ts' {
  interface OptionsByKind {
    types: TypesOptions;
  }
}

const RESOLUTIONS = ['node16', 'nodenext', 'bundler'] as const;
/** @internal */
export const TYPES_DEFAULTS = { resolution: RESOLUTIONS } as const satisfies Partial<TypesOptions>;

const RESOLUTION_MESSAGE = 'must be "node16", "nodenext" or "bundler", or a list of them';
const PERCENT_MESSAGE = 'must be a share in percent, from 0 to 100';

/** @internal */
export const TypesSchema = optionsOf<TypesOptions>('TypesOptions', {
  kind: v.literal('types'),
  sample: v.optional(TextSchema),
  package: v.optional(TextSchema),
  negative: v.optional(oneOrMore(TextSchema, 'must be a file or a list of files')),
  typescript: v.optional(oneOrMore(TextSchema, 'must be a version such as "5.9", or a list of them')),
  resolution: v.optional(oneOrMore(v.picklist(RESOLUTIONS, RESOLUTION_MESSAGE), RESOLUTION_MESSAGE)),
  module: v.optional(TextSchema),
  completeness: v.optional(
    v.pipe(v.number(PERCENT_MESSAGE), v.minValue(0, PERCENT_MESSAGE), v.maxValue(100, PERCENT_MESSAGE)),
  ),
  expect: v.optional(ExpectSchema),
  ...common,
});
