/** Searches what ran: names, commands, tests and logs. */
import { colourLogs } from './logs.ts';

/** As many parts are opened to show what was found in them. */
const MOST_OPENED = 10;
const MOST_MARKED = 1000;
/** In milliseconds: whoever types goes on typing. */
const PAUSE = 120;
const HIGHLIGHT = 'found';

/** Where a text stands, as ranges that can be marked without a change to the page. */
function rangesIn(element: Element, text: string, most: number): Range[] {
  const ranges: Range[] = [];
  const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = nodes.nextNode(); node !== null; node = nodes.nextNode()) {
    const whole = node.nodeValue ?? '';
    const lower = whole.toLowerCase();
    // A few letters have a longer small form: then places in the one are none in the other.
    const own = lower.length === whole.length ? lower : whole;
    for (let at = own.indexOf(text); at !== -1; at = own.indexOf(text, at + text.length)) {
      if (ranges.length === most) return ranges;
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + text.length);
      ranges.push(range);
    }
  }
  return ranges;
}

function mark(parts: readonly Element[], text: string): void {
  // Not every browser can: what is found is shown all the same.
  if (!('highlights' in CSS)) return;
  CSS.highlights.delete(HIGHLIGHT);
  if (text === '') return;
  const ranges: Range[] = [];
  for (const part of parts) ranges.push(...rangesIn(part, text, MOST_MARKED - ranges.length));
  CSS.highlights.set(HIGHLIGHT, new Highlight(...ranges));
}

/** What has been opened for a search is closed again with it. */
const opened = new Set<HTMLDetailsElement>();

function openWhere(part: Element, text: string): void {
  for (const details of part.querySelectorAll('details'))
    if (!details.open && details.textContent.toLowerCase().includes(text)) {
      // Before what is found in it is marked.
      colourLogs(details);
      details.open = true;
      opened.add(details);
    }
}

function searchFor(text: string, parts: readonly HTMLElement[]): string {
  for (const details of opened) details.open = false;
  opened.clear();
  const found = parts.filter((part) => part.textContent.toLowerCase().includes(text));
  for (const part of parts) part.hidden = true;
  for (const part of found) part.hidden = false;
  if (text !== '') for (const part of found.slice(0, MOST_OPENED)) openWhere(part, text);
  mark(found, text);
  return text === '' ? '' : `${found.length} of ${parts.length}`;
}

/** Puts a field above the components. */
export function offerSearch(): void {
  const parts = [...document.querySelectorAll<HTMLElement>('.parts > li')];
  const heading = document.querySelector('#components > h2');
  if (heading === null) return;
  const label = document.createElement('label');
  const field = document.createElement('input');
  field.type = 'search';
  field.placeholder = 'names, commands, tests, logs';
  const count = document.createElement('span');
  count.setAttribute('role', 'status');
  label.append('Search ', field);
  const box = document.createElement('p');
  box.className = 'search';
  box.append(label, count);
  heading.after(box);
  let pause = 0;
  field.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      count.textContent = searchFor(field.value.trim().toLowerCase(), parts);
    }, PAUSE);
  });
}
