import type { Finding } from '../../core/finding.ts';
import type { ComponentContext } from '../common/context.ts';
import { runStep } from '../common/run-step.ts';
import type { CommandComponent } from './component.ts';

/** One command, run to its end. */
export function runCommand(component: CommandComponent, context: ComponentContext): Promise<Finding[]> {
  return runStep(
    {
      name: component.name,
      command: component.command,
      cwd: component.cwd,
      env: context.env,
      expect: component.expect,
    },
    context,
  );
}
