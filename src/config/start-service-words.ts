/** The words of `startService({ … })`: those of `service({ … })`, for one that has no suite around it. */
import * as v from 'valibot';
import { type EntriesOf, optionsOf, TextSchema } from '../kinds/common/schema.ts';
import { SERVICE_ENTRIES, type ServiceOptions } from '../kinds/common/service-options.ts';

/** A service that a test or a script starts by itself: the words of `service({ … })`. Paths are relative to the current folder. */
export interface StartServiceOptions extends Omit<ServiceOptions, 'needs'> {
  /** Marks it; `service()` sets it. */
  readonly kind?: 'service';
  /** Its name in messages, in its log, and in the variables of its address (`API_URL` for `api`). Default: service. */
  readonly name?: string;
}

const { needs: _, ...LONE_ENTRIES } = SERVICE_ENTRIES;

/** @internal */
export const StartServiceSchema = optionsOf<StartServiceOptions>('StartServiceOptions', {
  kind: v.optional(v.literal('service', 'must be "service"')),
  name: v.optional(TextSchema),
  ...LONE_ENTRIES,
} satisfies EntriesOf<StartServiceOptions>);
