import type { Finding } from '../../core/finding.ts';
import type { ComponentContext } from '../common/context.ts';
import type { EntriesComponent } from './component.ts';

/** Loads everything in a package that can be loaded, in the language that it is for. */
export async function runEntries(component: EntriesComponent, context: ComponentContext): Promise<Finding[]> {
  return component.language === 'node'
    ? (await import('./run.ts')).runNodeEntries(component, context)
    : (await import('./python-run.ts')).runPythonEntries(component, context);
}
