/** Draws the plots of the loads, each when it comes into sight. */
import { DATA_ID, type LoadPlots } from '../../plotted/plot-data.ts';
import { percentilePlots } from './percentiles.ts';
import { PlotGroup } from './plot-group.ts';
import { timePlots } from './time.ts';

const loads = JSON.parse(document.getElementById(DATA_ID)?.textContent ?? '[]') as LoadPlots[];
const groups: PlotGroup[] = [];

function draw(place: HTMLElement): void {
  const { load: at, plots } = place.dataset;
  const load = loads[Number(at)];
  if (load === undefined || place.childElementCount > 0) return;
  const set = plots === 'time' ? timePlots(load) : percentilePlots(load);
  if (set !== undefined) groups.push(new PlotGroup(place, set));
}

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      draw(target as HTMLElement);
    }
  },
  { rootMargin: '50% 0px' },
);
const places = [...document.querySelectorAll<HTMLElement>('.plots')];
for (const place of places) observer.observe(place);

const redraw = (): void => {
  for (const group of groups) group.redraw();
};
// Colours are read from the styles when a plot is drawn.
for (const query of ['(prefers-color-scheme: dark)', 'print'])
  matchMedia(query).addEventListener('change', redraw);
addEventListener('beforeprint', () => {
  for (const place of places) draw(place);
});
