import type { Finding } from '../../domain/finding.ts';
import type { ThreadsComponent, ThreadsTrial } from '../../domain/suite.ts';
import type { ComponentContext } from '../context.ts';

export async function runPythonTrial(
  _trial: Extract<ThreadsTrial, { type: 'python' }>,
  _component: ThreadsComponent,
  _context: ComponentContext,
): Promise<Finding[]> {
  return [];
}
