import { existsSync } from 'node:fs';
import type { Finding } from '../../core/finding.ts';
import type { Expectation } from '../../core/suite.ts';
import { whyNotRunnable } from '../../files/runnable.ts';
import type { ComponentContext } from '../common/context.ts';
import { runStep } from '../common/run-step.ts';
import { missingFile } from '../entries/missing-file.ts';
import type { BinComponent } from './component.ts';

/** What each program of a package is asked: it needs no input and does no harm. */
const QUESTIONS = ['--help', '--version'];

/** It may refuse with any code; those above 125 mean that a shell could not run it, or that it was killed. */
const REFUSALS = [...Array.from({ length: 126 }, (_, code) => code), 255];

const STACK_FRAME = '^\\s+at .+(?:\\(|/)\\S*:\\d+:\\d+\\)?$';

const EXPECT: Expectation = {
  exitCodes: REFUSALS,
  output: [],
  forbid: [{ type: 'regex', source: STACK_FRAME, flags: '', name: 'stack trace' }],
  allow: [],
};

/** Asks a program for its help and its version. It may refuse; it must not crash. */
export async function runBin(component: BinComponent, context: ComponentContext): Promise<Finding[]> {
  const { bin, program, file } = component;
  if (!existsSync(program)) return [missingFile({ promise: `bin[${JSON.stringify(bin)}]`, file })];
  const unfit = whyNotRunnable(program, file);
  if (unfit !== undefined) return [{ code: 'cannot-start', step: bin, ...unfit }];
  for (const question of QUESTIONS) {
    if (context.signal.aborted) return [];
    const findings = await runStep(
      {
        name: `${bin} ${question}`,
        command: { type: 'argv', argv: [component.program, question] },
        cwd: component.cwd,
        env: context.env,
        expect: EXPECT,
      },
      context,
    );
    // What crashes on one flag crashes on the other as well; one report is enough.
    const reports = findings.filter(({ code }) => code === 'forbidden-output');
    if (findings.length > 0) return findings.filter((finding) => !reports.slice(1).includes(finding));
  }
  return [];
}
