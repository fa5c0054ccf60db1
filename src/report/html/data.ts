/** The run as data, for programs that read the page: they can compare two of them. */
import { shortNumbers } from '../../core/units.ts';
import { abridgedOf } from './abridged.ts';
import { html, jsonBlock } from './markup.ts';
import type { DrawSection } from './section.ts';

export const drawData: DrawSection = ({ exact }) => ({
  id: 'data',
  title: 'Data',
  body: html`<p>The whole run as JSON is in this file: the element <code>shakedown-data</code>. It is what
<code>--report json</code> writes, but that components and their steps lack what is as <code>usual</code> says, and
components what is in <code>columns</code>, in their order.</p>
${jsonBlock('shakedown-data', abridgedOf(exact.state), shortNumbers)}`,
});
