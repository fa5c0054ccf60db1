/** Asks auditwheel, where it is installed, for which systems the libraries of a wheel are. */
import type { ProgramCall } from '../../consumer/run-tool.ts';
import { runProgram } from '../../consumer/run-tool.ts';
import type { Finding } from '../../core/finding.ts';
import { findProgram } from '../../files/find-program.ts';
import type { ComponentContext } from '../common/context.ts';
import type { WheelComponent } from './component.ts';
import { judgeAnswer } from './system.ts';

export async function askAuditwheel(
  { package: { tag, wheel }, cwd }: WheelComponent,
  context: ComponentContext,
): Promise<Finding[]> {
  const program = findProgram('auditwheel', context.env.PATH);
  if (program === undefined || !/-(?:many|musl)linux/.test(tag)) return [];
  const call: ProgramCall = {
    ...{ step: 'auditwheel', failing: 'auditwheel cannot be asked', cwd, env: context.env },
    argv: [program, 'show', wheel],
  };
  const ended = await runProgram(call, context);
  return ended.ok && ended.value.exit.code === 0 ? judgeAnswer(tag, ended.value.lines) : [];
}
