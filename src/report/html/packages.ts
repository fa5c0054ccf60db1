/** Each package of a workspace with what was tried of it and what was found, where a run tries several. */
import { nameWithin, type PackagePart, packagesOf } from '../packages.ts';
import { componentVerdict, type RunState } from '../state.ts';
import { countsOf } from '../summary.ts';
import { componentId, findingIds, findingLinks } from './findings.ts';
import { html, type Markup } from './markup.ts';
import { mark, part } from './part.ts';
import type { DrawSection } from './section.ts';

function componentsOf(each: PackagePart, all: RunState): Markup | false {
  const { components } = each.state;
  const linked = components.map((component) => {
    const at = componentId(all.components.indexOf(component));
    return html`<li>${mark(componentVerdict(component))} <a href="#${at}">${nameWithin(each, component.name)}</a></li>`;
  });
  return components.length > 0 && html`<ul>${linked}</ul>`;
}

export const drawPackages: DrawSection = ({ state }) => {
  const packages = packagesOf(state);
  if (packages.length === 0) return undefined;
  const ids = findingIds(state);
  const parts = packages.map((each, index) => {
    const { setup, components } = each.state;
    const findings = [...setup, ...components].flatMap((of) => of.findings);
    return part({
      ...{ id: `package-${index + 1}`, verdict: each.verdict, name: each.name, kind: 'package', flags: [] },
      ...{ text: countsOf(each.state), durationMs: null },
      body: [findingLinks(findings, ids), componentsOf(each, state)],
    });
  });
  return { id: 'packages', title: 'Packages', body: html`<ol class="parts">${parts}</ol>` };
};
