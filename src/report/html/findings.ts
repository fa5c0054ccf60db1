/** Everything that was found, the worst first, with what speaks for it and what to do. */
import { type Finding, meanwhileLines } from '../../core/finding.ts';
import { placeOf } from '../../core/place.ts';
import { plural } from '../../core/units.ts';
import { consequenceOf } from '../../kinds/index.ts';
import { harmLines, mendLines } from '../advice.ts';
import { evidenceLines } from '../evidence.ts';
import { foldersOf } from '../folders.ts';
import { labelOf } from '../proof.ts';
import { repeatComponent, repeatShared } from '../repeat.ts';
import type { RunState } from '../state.ts';
import { badness } from '../worst.ts';
import { html, type Markup } from './markup.ts';
import type { DrawSection } from './section.ts';
import { sourceLink } from './source-link.ts';

/** A finding, and whose it is. */
interface Found {
  readonly finding: Finding;
  /** Of the component or step. */
  readonly of: string;
  /** Where that is on the page. */
  readonly at?: string;
  /** The command that repeats it. */
  readonly repeat?: string;
  /** What paths in it may be relative to. */
  readonly folders: readonly string[];
}

/** Of several that are equally bad, those come first that were there first: setup, services, components, teardown. */
function findingsOf(state: RunState): Found[] {
  const { setup, shared, components, teardown, notes } = state;
  const each = (
    findings: readonly Finding[],
    where: Omit<Found, 'finding' | 'folders'>,
    component: string | null = null,
  ) => findings.map((finding): Found => ({ finding, folders: foldersOf(component, state), ...where }));
  const all = [
    ...setup.flatMap(({ name, findings }) => each(findings, { of: `setup: ${name}` })),
    ...shared.flatMap(({ name, findings }) =>
      each(findings, { of: name, repeat: repeatShared(name, state) }),
    ),
    ...components.flatMap((component, index) =>
      each(
        component.findings,
        { of: labelOf(component), at: componentId(index), repeat: repeatComponent(component, state) },
        component.trial?.of ?? component.name,
      ),
    ),
    ...teardown.flatMap(({ kind, name, findings }) => each(findings, { of: `${kind}: ${name}` })),
    ...each(notes, { of: 'run' }),
  ];
  return all.toSorted((a, b) => badness(b.finding) - badness(a.finding));
}

/** In the address of the page. */
export const componentId = (index: number): string => `c${index + 1}`;

/** In the address of the page, where each finding is. */
export const findingIds = (state: RunState): ReadonlyMap<Finding, string> =>
  new Map(findingsOf(state).map(({ finding }, index) => [finding, `finding-${index + 1}`]));

/** @param ids of all findings of the page, to which these lead */
export const findingLinks = (
  findings: readonly Finding[],
  ids: ReadonlyMap<Finding, string>,
): Markup | false =>
  findings.length > 0 &&
  html`<ul class="found">${findings.map(
    (finding) => html`<li><a href="#${ids.get(finding)}">${finding.code}</a> ${finding.message}</li>`,
  )}</ul>`;

/** What speaks for a finding, and what to do about it. */
export function findingBody(finding: Finding): Markup {
  const evidence = evidenceLines(finding);
  const mend = mendLines(finding);
  return html`${harmLines(finding).map((line) => html`<p class="harm">${line}</p>`)}${meanwhileLines(finding).map((line) => html`<p class="meanwhile">${line}</p>`)}
${evidence.length > 0 && html`<pre class="evidence">${evidence.join('\n')}</pre>`}
${mend.length > 0 && html`<pre class="mend">${mend.join('\n')}</pre>`}
${finding.hint !== undefined && html`<p class="hint">${finding.hint}</p>`}`;
}

/** @param place in the source, where one is named */
function foundMarkup({ of, at, repeat, finding }: Found, index: number, place: Markup | undefined): Markup {
  const whose = html`<span class="of">${of}</span>`;
  // Most messages begin with the name already.
  const message = finding.message.startsWith(`${of} `)
    ? finding.message.slice(of.length + 1)
    : finding.message;
  return html`
<li class="finding ${consequenceOf(finding)}" id="finding-${index + 1}">
<h3>${at === undefined ? whose : html`<a href="#${at}">${whose}</a>`} ${message}</h3>
${findingBody(finding)}
<p class="about"><code>${finding.code}</code>${place}${
    repeat !== undefined && html`<span class="repeat">again: <code>${repeat}</code></span>`
  }</p>
</li>`;
}

export const drawFindings: DrawSection = ({ state, exact }) => {
  const found = findingsOf(state);
  if (found.length === 0) return undefined;
  // Paths have to be as they are to be found.
  const places = findingsOf(exact.state).map((each) =>
    sourceLink((accepts) => placeOf(each.finding, accepts), each.folders),
  );
  return {
    id: 'findings',
    title: plural(found.length, 'finding'),
    body: html`<ol class="findings">${found.map((each, index) => foundMarkup(each, index, places[index]))}</ol>`,
  };
};
