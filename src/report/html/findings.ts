/** Everything that was found, the worst first, with what speaks for it and what to do. */
import { type Finding, meanwhileLines } from '../../core/finding.ts';
import { plural } from '../../core/units.ts';
import { consequenceOf } from '../../kinds/index.ts';
import { evidenceLines } from '../evidence.ts';
import { labelOf } from '../proof.ts';
import type { RunState } from '../state.ts';
import { badness } from '../worst.ts';
import { html, type Markup } from './markup.ts';
import type { DrawSection } from './section.ts';

/** A finding, and whose it is. */
interface Found {
  /** Of the component or step. */
  readonly of: string;
  readonly finding: Finding;
}

/** Of several that are equally bad, those come first that were there first: setup, services, components, teardown. */
function findingsOf({ setup, shared, components, teardown, notes }: RunState): Found[] {
  const each = (of: string, findings: readonly Finding[]): Found[] =>
    findings.map((finding) => ({ of, finding }));
  const all = [
    ...setup.flatMap(({ name, findings }) => each(`setup: ${name}`, findings)),
    ...shared.flatMap(({ name, findings }) => each(name, findings)),
    ...components.flatMap((component) => each(labelOf(component), component.findings)),
    ...teardown.flatMap(({ kind, name, findings }) => each(`${kind}: ${name}`, findings)),
    ...each('run', notes),
  ];
  return all.toSorted((a, b) => badness(b.finding) - badness(a.finding));
}

/** What speaks for a finding, and what to do about it. */
export function findingBody(finding: Finding): Markup {
  const evidence = evidenceLines(finding);
  return html`${meanwhileLines(finding).map((line) => html`<p class="meanwhile">${line}</p>`)}
${evidence.length > 0 && html`<pre class="evidence">${evidence.join('\n')}</pre>`}
${finding.hint !== undefined && html`<p class="hint">${finding.hint}</p>`}`;
}

const foundMarkup = ({ of, finding }: Found): Markup => html`
<li class="finding ${consequenceOf(finding.code)}">
<h3><span class="of">${of}</span> ${finding.message}</h3>
${findingBody(finding)}
<p class="code">${finding.code}</p>
</li>`;

export const drawFindings: DrawSection = ({ state }) => {
  const found = findingsOf(state);
  if (found.length === 0) return undefined;
  return {
    id: 'findings',
    title: plural(found.length, 'finding'),
    body: html`<ol class="findings">${found.map(foundMarkup)}</ol>`,
  };
};
