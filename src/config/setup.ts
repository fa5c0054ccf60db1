/** Builds the steps before and after a run from their options. Apart from the schemas: folders without a config need it too. */
import { type Command, type SetupStep, showCommand, type TeardownStep } from '../core/suite.ts';
import { toCommand } from '../kinds/common/build.ts';
import { toDuration } from '../kinds/common/duration.ts';
import type { Scope } from '../kinds/common/scope.ts';
import type { RunOptions } from '../kinds/common/words.ts';
import type { SetupOptions, TeardownOptions, UndoOptions } from './options.ts';

export const SETUP_DEFAULTS = { timeout: '30m' } as const satisfies Partial<SetupOptions>;
export const UNDO_DEFAULTS = { timeout: '60s' } as const satisfies Partial<UndoOptions>;
export const TEARDOWN_DEFAULTS = { timeout: '60s' } as const satisfies Partial<TeardownOptions>;

/** The long form of what may be just a command. */
const long = <Options extends { readonly run: RunOptions }>(step: RunOptions | Options): Options =>
  typeof step === 'object' && 'run' in step ? step : ({ run: step } as Options);

/** @param scope of the step; its folder is that of the config */
export function buildSetup(step: RunOptions | SetupOptions, scope: Scope): SetupStep {
  const options = long<SetupOptions>(step);
  const { inputs = [], outputs = [], undo } = options;
  const command = toCommand(options.run);
  const inside = scope.within(options.cwd);
  inside.makes(outputs);
  if (undo !== undefined && inputs.length > 0)
    scope.problem(
      ['inputs'],
      `a step with \`undo\` must run every time, and \`inputs\` say when it need not`,
      'remove `inputs`; what is worth keeping goes into a step of its own, without `undo`',
    );
  return {
    name: options.name ?? showCommand(command),
    command,
    cwd: inside.cwd,
    env: options.env ?? {},
    inputs,
    outputs,
    timeout: toDuration(options.timeout ?? SETUP_DEFAULTS.timeout),
    undo: undo === undefined ? null : buildUndo(undo),
  };
}

function buildUndo(undo: RunOptions | UndoOptions): NonNullable<SetupStep['undo']> {
  const { run, timeout } = long<UndoOptions>(undo);
  return { command: toCommand(run), timeout: toDuration(timeout ?? UNDO_DEFAULTS.timeout) };
}

/** @param scope of the step; its folder is that of the config */
export function buildTeardown(step: RunOptions | TeardownOptions, scope: Scope): TeardownStep {
  const options = long<TeardownOptions>(step);
  const command: Command = toCommand(options.run);
  return {
    name: options.name ?? showCommand(command),
    command,
    cwd: scope.within(options.cwd).cwd,
    env: options.env ?? {},
    timeout: toDuration(options.timeout ?? TEARDOWN_DEFAULTS.timeout),
  };
}
