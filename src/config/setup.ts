/** Builds a setup step from its options. Apart from the schemas: folders without a config need it too. */
import { type SetupStep, showCommand } from '../core/suite.ts';
import { toCommand } from '../kinds/common/build.ts';
import { toDuration } from '../kinds/common/duration.ts';
import type { Scope } from '../kinds/common/scope.ts';
import type { RunOptions } from '../kinds/common/words.ts';
import type { SetupOptions } from './options.ts';

export const SETUP_DEFAULTS = { timeout: '30m' } as const satisfies Partial<SetupOptions>;

/** @param scope of the step; its folder is that of the config */
export function buildSetup(step: RunOptions | SetupOptions, scope: Scope): SetupStep {
  const options: SetupOptions =
    typeof step === 'object' && 'run' in step ? step : { run: step as RunOptions };
  const { inputs = [], outputs = [] } = options;
  const command = toCommand(options.run);
  const inside = scope.within(options.cwd);
  inside.makes(outputs);
  return {
    name: options.name ?? showCommand(command),
    command,
    cwd: inside.cwd,
    env: options.env ?? {},
    inputs,
    outputs,
    timeout: toDuration(options.timeout ?? SETUP_DEFAULTS.timeout),
  };
}
