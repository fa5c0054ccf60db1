/** The words of a load that agents send. */
import * as v from 'valibot';
import { optionsOf, TextSchema, whole } from '../../kinds/common/schema.ts';
import { type DurationOptions, DurationSchema } from '../../kinds/common/words.ts';
import { WHO_SENDS } from './words.ts';

/** The machines that send a load together: agents, which wait on a server of Temporal. */
export interface LoadAgentsOptions {
  /** How many send. */
  readonly count: number;
  /** Where the server is, such as `localhost:7233`. Off this machine it demands a client certificate or an API key. */
  readonly join: string;
  /** Which agents, where a server serves several kinds: the `--pool` that they were started with. Default: `default`. */
  readonly pool?: string;
  /** The namespace of the server. Default: `default`. */
  readonly namespace?: string;
  /** How long agents may take to come. Default: 60s. */
  readonly waitForAgents?: DurationOptions;
  /** The certificate that the server knows us by: a file in PEM, relative to the component's folder. */
  readonly tlsCert?: string;
  /** Its key: a file in PEM. */
  readonly tlsKey?: string;
  /** The authorities that the server may have its certificate from: a file in PEM. */
  readonly tlsCa?: string;
  /** The environment variable with the API key that the server knows us by. */
  readonly apiKeyEnv?: string;
  /** The same, from a file. */
  readonly apiKeyFile?: string;
}

const { least, most } = WHO_SENDS.agents;

/** @internal */
export const LoadAgentsSchema = optionsOf<LoadAgentsOptions>('LoadAgentsOptions', {
  count: whole(`must be a whole number from ${least} to ${most}`, least, most),
  join: TextSchema,
  pool: v.optional(TextSchema),
  namespace: v.optional(TextSchema),
  waitForAgents: v.optional(DurationSchema),
  tlsCert: v.optional(TextSchema),
  tlsKey: v.optional(TextSchema),
  tlsCa: v.optional(TextSchema),
  apiKeyEnv: v.optional(TextSchema),
  apiKeyFile: v.optional(TextSchema),
});
