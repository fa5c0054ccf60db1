/** Plots that share an axis, a cursor, and a control that moves it: by a pointer over any of them, or by the keyboard. */
import { Plot } from './plot.ts';
import type { PlotSet } from './plot-set.ts';

const element = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  text = '',
): HTMLElementTagNameMap[Name] => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};

export class PlotGroup {
  readonly #set: PlotSet;
  readonly #plots: readonly Plot[];
  readonly #control = element('input', 'moment');
  readonly #place = element('output', 'at');

  constructor(place: HTMLElement, set: PlotSet) {
    this.#set = set;
    const bar = element('label', 'control', set.control);
    const { x } = set;
    Object.assign(this.#control, { type: 'range', min: '0', max: String(x.length - 1), step: '1' });
    this.#control.value = String(x.length - 1);
    this.#control.addEventListener('input', () => this.#moveTo(Number(this.#control.value)));
    bar.append(this.#control, this.#place);
    const figures = set.plots.map(() => element('figure', 'plot'));
    place.append(...figures, bar);
    const width = place.clientWidth;
    const onCursor = (at: number): void => this.#moveTo(at);
    this.#plots = set.plots.map(
      (spec, index) => new Plot(figures[index] as HTMLElement, set, spec, width, onCursor),
    );
    this.#tell(x.length - 1);
    new ResizeObserver(() => {
      for (const plot of this.#plots) plot.resize(place.clientWidth);
    }).observe(place);
  }

  redraw(): void {
    for (const plot of this.#plots) plot.redraw();
  }

  #moveTo(at: number): void {
    for (const plot of this.#plots) plot.point(at);
    this.#tell(at);
  }

  /** Says what there is at a place, in each legend and to those who listen. */
  #tell(at: number): void {
    const where = this.#set.showX(this.#set.x[at] ?? 0);
    const said = this.#plots.flatMap((plot) => plot.tell(at));
    this.#control.value = String(at);
    this.#control.setAttribute('aria-valuetext', `${where}: ${said.join(', ')}`);
    this.#place.textContent = where;
  }
}
