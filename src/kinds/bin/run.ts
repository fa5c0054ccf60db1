import { existsSync } from 'node:fs';
import { neededExtra } from '../../consumer/python/requirements.ts';
import type { Finding } from '../../core/finding.ts';
import type { GridCell } from '../../core/grid.ts';
import type { Expectation } from '../../core/suite.ts';
import { interpreterOf, whyNotRunnable } from '../../files/runnable.ts';
import type { ComponentContext } from '../common/context.ts';
import { cellOf, tellGrid } from '../common/grids.ts';
import { runStep } from '../common/run-step.ts';
import { missingFile, missingPart } from '../entries/missing-file.ts';
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
  const { bin, program, file, absent } = component;
  if (!existsSync(program) && component.language === 'python')
    return [missingFile({ promise: `the script ${bin}`, file: `bin/${bin}` })];
  if (!existsSync(program))
    return [
      { ...missingFile({ promise: `bin[${JSON.stringify(bin)}]`, file }), mistake: missingPart(absent) },
    ];
  const unfit = whyNotRunnable(program, file);
  const isScript = /\.[cm]?js$/.test(file) && interpreterOf(program) === undefined;
  const mend = isScript
    ? {
        hint: 'the first line of a program says what runs it',
        mend: { file, lines: ['#!/usr/bin/env node'] },
      }
    : {};
  if (unfit !== undefined) return [{ code: 'cannot-start', step: bin, ...unfit, ...mend }];
  const { findings, cells } = await ask(component, context);
  const title = `the questions that ${bin} was asked`;
  const axes = { rowsAre: 'program', columnsAre: 'asked by', rows: [bin], columns: QUESTIONS };
  tellGrid({ title, ...axes, cells }, context);
  return findings;
}

const IMPORT_ERROR = /^(?:ModuleNotFound|Import)Error: /;
const NO_MODULE = /No module named '([\w.]+)'/;

/** What a traceback is that says that an extra is not installed. */
function withoutExtra(finding: Finding, requirements: BinComponent['requirements']): Finding | undefined {
  if (finding.code !== 'forbidden-output') return undefined;
  const modules = (finding.evidence ?? [])
    .filter((line) => IMPORT_ERROR.test(line))
    .flatMap((line) => NO_MODULE.exec(line)?.[1] ?? []);
  const module = modules.at(-1);
  const extra = module === undefined ? undefined : neededExtra(module, requirements);
  if (module === undefined || extra === undefined) return undefined;
  const { step, evidence = [] } = finding;
  const message = `${step} ends with a traceback: ${extra}`;
  return { code: 'needs-extra', message, evidence, module, ...(step === undefined ? {} : { step }) };
}

/** Asks all questions, or as many as it takes to see it fail. */
async function ask({ bin, program, cwd, requirements }: BinComponent, context: ComponentContext) {
  const cells: GridCell[] = [];
  const answers: Finding[] = [];
  for (const question of QUESTIONS) {
    const place = { row: bin, column: question };
    // A program that crashes on one flag crashes on the other as well: one report is enough.
    if (context.signal.aborted || answers.length > 0) {
      cells.push({ ...place, outcome: 'skipped', text: 'not asked', detail: [] });
      continue;
    }
    const command = { type: 'argv', argv: [program, question] } as const;
    const step = { name: `${bin} ${question}`, command, cwd, env: context.env, expect: EXPECT };
    const findings = (await runStep(step, context)).map(
      (finding) => withoutExtra(finding, requirements) ?? finding,
    );
    const reports = findings.filter(({ code }) => code === 'forbidden-output');
    answers.push(...findings.filter((finding) => !reports.slice(1).includes(finding)));
    cells.push(cellOf(place, answers, { text: 'did not crash' }, context));
  }
  return { findings: answers, cells };
}
