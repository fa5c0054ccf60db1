import type { Finding } from '../../domain/finding.ts';
import type { ThreadsComponent, ThreadsTrial } from '../../domain/suite.ts';
import type { ComponentContext } from '../context.ts';

export async function runProgramTrial(
  _trial: Extract<ThreadsTrial, { type: 'program' }>,
  _component: ThreadsComponent,
  _context: ComponentContext,
): Promise<Finding[]> {
  return [];
}
