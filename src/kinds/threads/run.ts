import type { Finding } from '../../core/finding.ts';
import type { ComponentContext } from '../common/context.ts';
import type { ThreadsComponent } from './component.ts';
import { runModuleTrial } from './module.ts';
import { runProgramTrial } from './program.ts';
import { runPythonTrial } from './python.ts';

/** Has many threads, or many copies of a program, do at once what one does alone, and compares the results. */
export function runThreads(component: ThreadsComponent, context: ComponentContext): Promise<Finding[]> {
  const { trial } = component;
  switch (trial.type) {
    case 'module':
      return runModuleTrial(trial, component, context);
    case 'python':
      return runPythonTrial(trial, component, context);
    case 'program':
      return runProgramTrial(trial, component, context);
  }
}
