/** The run as data, for programs that read the page: they can compare two of them. */
import { shortNumbers } from '../../core/units.ts';
import { jsonOf } from '../json.ts';
import { html, jsonBlock } from './markup.ts';
import type { DrawSection } from './section.ts';

export const drawData: DrawSection = ({ exact }) => ({
  id: 'data',
  title: 'Data',
  body: html`<p>The whole run as JSON, as <code>--report json</code> writes it, is in this file: the element
<code>shakedown-data</code>.</p>
${jsonBlock('shakedown-data', jsonOf(exact.state), shortNumbers)}`,
});
