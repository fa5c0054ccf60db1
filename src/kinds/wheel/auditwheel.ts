/** Asks auditwheel, where it is installed, for which systems the libraries of a wheel are. */
import type { ProgramCall } from '../../consumer/run-tool.ts';
import { runProgram } from '../../consumer/run-tool.ts';
import type { Finding } from '../../core/finding.ts';
import { findProgram } from '../../files/find-program.ts';
import type { ComponentContext } from '../common/context.ts';
import type { WheelComponent } from './component.ts';

const SAYS = /consistent with\s+the following platform tag:\s+"([^"]+)"/;
/** `linux_x86_64`: it needs a library that only the machine has that built it. */
const ANY_LINUX = /^linux_/;
const SHOWN = 8;

/** @param lines what `auditwheel show` has printed */
export function judgeAnswer(tag: string, lines: readonly string[]): Finding[] {
  const platform = SAYS.exec(lines.join('\n'))?.[1];
  if (platform === undefined || !ANY_LINUX.test(platform)) return [];
  return [
    {
      code: 'wrong-tag',
      message: `the tag of the wheel, ${tag}, allows any Linux of its age, and auditwheel finds libraries in it that need one system (${platform})`,
      evidence: lines.filter((line) => line.trim() !== '').slice(0, SHOWN),
      hint: 'auditwheel show has the whole answer; auditwheel repair puts the libraries into the wheel',
      tag,
    },
  ];
}

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
