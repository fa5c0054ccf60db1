/** The baseline of a proof: what does not pass as it is cannot be proved. */
import type { PlannedComponent } from '../core/plan.ts';
import type { Component } from '../core/suite.ts';
import { attemptComponent } from '../engine/attempt.ts';
import type { PreparedRun } from '../engine/course.ts';
import { kindOf } from '../kinds/index.ts';
import { aloneFirst, besideComponent, type Capacity, type Guest, runSideBySide } from './side-by-side.ts';

/** @returns a component that is to be run without a fault */
export async function asItIs(planned: PlannedComponent): Promise<Guest> {
  const { component } = planned;
  const sabotage = await kindOf(component.kind).sabotage?.();
  const sharing = besideComponent(component, sabotage?.sharing?.(component));
  return { ...planned, sharing };
}

/** Runs the components of the plan as they are. @returns those that passed, in its order */
export async function runBaseline(
  { run, env, pool, active }: PreparedRun,
  capacity: Capacity,
): Promise<Component[]> {
  const { plan, emit, control } = run;
  const passed = new Set<Component>();
  const guests = await Promise.all(plan.components.map(asItIs));
  await runSideBySide(aloneFirst(guests), capacity, {
    execute: async ({ component }) => {
      active.add(component.name);
      const sabotage = await kindOf(component.kind).sabotage?.();
      const tried = sabotage?.baseline?.(component) ?? component;
      const verdict = await attemptComponent(tried, { ...run, env, pool, stop: control.stop });
      active.delete(component.name);
      if (verdict === 'passed') passed.add(component);
      return verdict;
    },
    skip: ({ component: { name, kind } }, reason) =>
      emit({ type: 'component-skipped', component: name, kind, reason }),
    isStopped: () => control.stop.aborted,
  });
  return plan.components.map(({ component }) => component).filter((component) => passed.has(component));
}
