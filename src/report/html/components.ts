/** Each component: what it consisted of, how long that took, and what came of it. */
import { formatDuration, plural } from '../../core/units.ts';
import type { Verdict } from '../../core/verdict.ts';
import { labelOf } from '../proof.ts';
import { type ComponentState, componentVerdict } from '../state.ts';
import { html, type Markup } from './markup.ts';
import type { DrawSection } from './section.ts';

export const MARKS = { passed: '✓', failed: '✗', inconclusive: '?', skipped: '○' } as const satisfies Record<
  Verdict,
  string
>;

/** A mark, with its word for those who do not see it. */
export const mark = (verdict: Verdict): Markup =>
  html`<span class="mark ${verdict}" role="img" aria-label="${verdict}">${MARKS[verdict]}</span>`;

function componentMarkup(component: ComponentState): Markup {
  const { progress } = component;
  const duration = progress.type === 'finished' ? formatDuration(progress.durationMs) : '';
  return html`<li>${mark(componentVerdict(component))} <span class="name">${labelOf(component)}</span>
<span class="kind">${component.kind}</span> <span class="took">${duration}</span></li>`;
}

export const drawComponents: DrawSection = ({ state }) => {
  if (state.components.length === 0) return undefined;
  return {
    id: 'components',
    title: plural(state.components.length, 'component'),
    body: html`<ul class="components">${state.components.map(componentMarkup)}</ul>`,
  };
};
