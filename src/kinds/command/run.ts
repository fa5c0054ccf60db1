import { join } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import type { ComponentContext } from '../common/context.ts';
import { runStep } from '../common/run-step.ts';
import { lostErrors, readLosses, watchedEnvironment } from '../common/unheard.ts';
import type { CommandComponent } from './component.ts';

/** One command, run to its end. */
export async function runCommand(
  { name, command, cwd, expect, results, watched }: CommandComponent,
  context: ComponentContext,
): Promise<Finding[]> {
  const step = { name, command, cwd, expect, tests: { results: results ?? null } };
  if (watched === null) return runStep({ ...step, env: context.env }, context);
  const folder = join(context.directory.path, 'lost', context.id);
  const env = watchedEnvironment(watched, context.env, folder);
  const findings = await runStep({ ...step, env }, context);
  // An error that was also printed has been reported already.
  const isTold = findings.some(({ code }) => code === 'exit-code' || code === 'forbidden-output');
  if (isTold || context.signal.aborted) return findings;
  return [...findings, ...lostErrors(name, watched, readLosses(folder), RAW)];
}

const RAW = '; --raw, or a config without `lostErrors`, runs the bare script';
