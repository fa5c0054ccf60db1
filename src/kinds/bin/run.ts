import { existsSync } from 'node:fs';
import type { Finding } from '../../core/finding.ts';
import type { Expectation } from '../../core/suite.ts';
import { whyNotRunnable } from '../../files/runnable.ts';
import type { ComponentContext } from '../common/context.ts';
import { runStep } from '../common/run-step.ts';
import { missingFile } from '../entries/missing-file.ts';
import type { BinComponent } from './component.ts';

/** Flags that need no input and do no harm. */
const QUESTIONS = ['--help', '--version'];

/** Any exit code is fine, except those from 126 on, with which a shell reports a program that was killed or never ran. */
const REFUSALS = [...Array.from({ length: 126 }, (_, code) => code), 255];

const STACK_FRAME = '^\\s+at .+(?:\\(|/)\\S*:\\d+:\\d+\\)?$';

const EXPECT: Expectation = {
  exitCodes: REFUSALS,
  output: [],
  forbid: [{ type: 'regex', source: STACK_FRAME, flags: '', name: 'stack trace' }],
  allow: [],
};

/** Asks a program for its help and its version. It may reject the flag, but must not crash. */
export async function runBin(component: BinComponent, context: ComponentContext): Promise<Finding[]> {
  const { bin, program, file } = component;
  if (!existsSync(program)) return [missingFile({ promise: `bin[${JSON.stringify(bin)}]`, file })];
  const unfit = whyNotRunnable(program, file);
  if (unfit !== undefined) return [{ code: 'cannot-start', step: bin, ...unfit }];
  for (const question of QUESTIONS) {
    if (context.signal.aborted) return [];
    const command = { type: 'argv', argv: [program, question] } as const;
    const { cwd } = component;
    const step = { name: `${bin} ${question}`, command, cwd, env: context.env, expect: EXPECT };
    const findings = await runStep(step, context);
    // A program that crashes on one flag crashes on the other as well: one report is enough.
    const reports = findings.filter(({ code }) => code === 'forbidden-output');
    if (findings.length > 0) return findings.filter((finding) => !reports.slice(1).includes(finding));
  }
  return [];
}
