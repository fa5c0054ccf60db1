/** The logs of a run, of which the page holds a part of each. */
import { join, relative } from 'node:path';
import { visible } from '../../../core/harmless.ts';
import { html, type Markup } from '../markup.ts';
import type { RunRecord } from '../record.ts';
import { readExcerpt } from './excerpt.ts';
import { logText } from './text.ts';

/** In bytes: of all logs, and of one. */
const MOST_OF_ALL = 2 * 1024 * 1024;
const MOST_OF_ONE = 256 * 1024;

/** @returns draws the log at a path that an event has named; nothing for one that is not there */
export function logsOf({
  exact: { state, attempts },
}: RunRecord): (file: string | null) => Markup | undefined {
  const files = [
    ...state.setup.map(({ logFile }) => logFile),
    ...state.shared.map(({ logFile }) => logFile),
    ...Object.values(attempts).flatMap((own) => own.map(({ logFile }) => logFile)),
    ...state.teardown.map(({ logFile }) => logFile),
  ].filter((file) => file !== null);
  const limit = Math.min(MOST_OF_ONE, Math.floor(MOST_OF_ALL / Math.max(1, files.length)));
  return (file) => {
    if (file === null || state.runDir === '') return undefined;
    const excerpt = readExcerpt(join(state.runDir, 'logs'), file, limit);
    if (excerpt === undefined) return undefined;
    const path = visible(relative(state.root, file));
    if (excerpt.head.length === 0) return html`<p class="quiet">It printed nothing.</p>`;
    const { text, looks } = logText(excerpt);
    // The first line break in the element is none of its text.
    return html`<details class="log"><summary>Log <span class="path">${path}</span></summary>
<pre tabindex="0" role="region" aria-label="Log ${path}"${looks !== '' && html` data-looks="${looks}"`}>
${text}</pre></details>`;
  };
}
