/** The page as a whole: its head, what it may do, and its sections in order. */
import { createHash } from 'node:crypto';
import { drawAround } from './around.ts';
import type { Assets, ScriptName } from './assets.ts';
import { drawComponents } from './components.ts';
import { drawData } from './data.ts';
import { drawFindings } from './findings.ts';
import { drawGrids } from './grids.ts';
import { drawHistory } from './history.ts';
import { drawLoads } from './load/section.ts';
import { html, type Markup, scriptBlock, styleBlock } from './markup.ts';
import { drawPackages } from './packages.ts';
import type { RunRecord } from './record.ts';
import type { DrawSection, Section } from './section.ts';
import { drawTimeline } from './timeline.ts';
import { drawVerdict, verdictOf } from './verdict.ts';

/** In the order of the page. A new one has a line here. */
const SECTIONS: readonly DrawSection[] = [
  drawPackages,
  drawFindings,
  drawTimeline,
  drawLoads,
  drawGrids,
  drawHistory,
  drawComponents,
  drawAround,
  drawData,
];

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing comes from anywhere else, nothing goes anywhere, and no script runs but these. */
const policyFor = (scripts: readonly string[], style: string): string =>
  [
    `default-src 'none'`,
    `script-src ${scripts.map(hashOf).join(' ')}`,
    `style-src ${hashOf(style)}`,
    `img-src data:`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');

const navigation = (sections: readonly Section[], record: RunRecord): Markup => {
  const { headline, tone } = verdictOf(record);
  return html`<nav class="bar" aria-label="Sections"><a class="bar-verdict ${tone}" href="#top">${headline}</a><ul>${sections.map(
    ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav>`;
};

const sectionMarkup = ({ id, title, body }: Section): Markup => html`
<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>`;

/** One HTML document without any reference to another file, but for links. */
export function drawDocument(record: RunRecord, assets: Assets): string {
  const sections = SECTIONS.flatMap((draw) => draw(record) ?? []);
  const names = new Set<ScriptName>(['page', ...sections.flatMap(({ script }) => script ?? [])]);
  const scripts = [...names].map((name) => assets.script(name));
  const style = assets.style();
  const { headline } = verdictOf(record);
  const { suite } = record.state;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(scripts, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${headline} · ${suite === '' ? 'shakedown' : suite}</title>
${styleBlock(style)}
</head>
<body>
${navigation(sections, record)}
<main id="top" tabindex="-1">
${drawVerdict(record)}
${sections.map(sectionMarkup)}
</main>
${scripts.map(scriptBlock)}
</body>
</html>
`;
  return page.toString();
}
