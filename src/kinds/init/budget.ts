/** What a package may cost those who load it, as the command line of its trial says. */
import type { Component } from '../../core/suite.ts';
import type { InitComponent } from './component.ts';

export interface StartBudget {
  /** Of the start, relative to the bare interpreter. */
  readonly start?: number;
  /** How many modules it may load. */
  readonly modules?: number;
}

/** Whether a component measures what there is a budget for. */
export const isMeasured = ({ kind }: Pick<Component, 'kind'>): boolean => kind === 'init';

/** @returns the component with the budget, if it measures such a thing */
export function withBudget(component: Component, { start, modules }: StartBudget): Component {
  if (!isMeasured(component)) return component;
  const budgeted: InitComponent = {
    ...(component as InitComponent),
    ...(start === undefined ? {} : { coldStart: { text: `< ${start}x`, ratio: start } }),
    ...(modules === undefined ? {} : { mostModules: modules }),
  };
  return budgeted;
}
