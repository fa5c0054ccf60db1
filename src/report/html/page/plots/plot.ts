/** One plot: its title, a legend of buttons that hide and show, and what uPlot draws. */
import uPlot from 'uplot';
import type { Band } from '../../plotted/plot-data.ts';
import type { PlotSet, PlotSpec, Series } from './plot-set.ts';

/** Of the axis with the values, in CSS pixels: the same for all, so that they line up. */
const AXIS = 68;
const FONT = '11px system-ui, sans-serif';
/** Steps of an axis of time, in milliseconds. */
const TIME_STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400].map(
  (seconds) => seconds * 1000,
);
const BAND_COLORS: Readonly<Record<Band['kind'], string>> = {
  warmup: 'plot-warmup',
  lost: 'plot-lost',
  limited: 'plot-limited',
};
const BAND_NAMES: Readonly<Record<Band['kind'], string>> = {
  warmup: 'warm-up',
  lost: 'did not hold',
  limited: 'limited',
};

const color = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** A bar of height 0 would still be drawn. */
const drawn = ({ hasBars = false }: PlotSpec, { values }: Series): Series['values'] =>
  hasBars ? values.map((value) => (value === 0 ? null : value)) : values;

function powersOfTen(least: number, most: number): number[] {
  const powers: number[] = [];
  for (let power = 10 ** Math.ceil(Math.log10(least)); power <= most; power *= 10) powers.push(power);
  return powers;
}

export class Plot {
  readonly #set: PlotSet;
  readonly #spec: PlotSpec;
  readonly #plot: uPlot;
  readonly #values: readonly HTMLElement[];

  constructor(
    place: HTMLElement,
    set: PlotSet,
    spec: PlotSpec,
    width: number,
    onCursor: (at: number) => void,
  ) {
    this.#set = set;
    this.#spec = spec;
    const head = document.createElement('figcaption');
    const title = document.createElement('span');
    title.className = 'plot-title';
    title.textContent = spec.title;
    const legend = document.createElement('span');
    legend.className = 'legend';
    head.append(title, legend);
    const canvas = document.createElement('div');
    canvas.className = 'canvas';
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', describe(set, spec));
    place.append(head, canvas);
    this.#values = spec.series.map((series, index) => this.#entry(legend, series, index));
    const data = [set.x, ...spec.series.map((series) => drawn(spec, series))] as uPlot.AlignedData;
    this.#plot = new uPlot(this.#options(width, onCursor), data, canvas);
  }

  resize(width: number): void {
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: this.#spec.height });
  }

  redraw(): void {
    this.#plot.redraw(false);
  }

  /** Moves the cursor to a value, as others of the group have moved. */
  point(at: number): void {
    if (this.#plot.cursor.idx === at) return;
    const left = this.#plot.valToPos(this.#set.x[at] ?? 0, 'x');
    this.#plot.setCursor({ left, top: this.#spec.height / 4 }, false);
  }

  /** Shows the values at a place in the legend, and returns them in words. */
  tell(at: number): string[] {
    return this.#spec.series.flatMap(({ label, values, isAtLeast }, index) => {
      const value = values[at] ?? null;
      const shown = value === null ? '–' : `${isAtLeast?.(at) === true ? '≥ ' : ''}${this.#spec.show(value)}`;
      const entry = this.#values[index];
      if (entry !== undefined) entry.textContent = shown;
      return value === null ? [] : [`${label} ${shown}`];
    });
  }

  #entry(legend: HTMLElement, { label, color: name }: Series, index: number): HTMLElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('aria-pressed', 'true');
    const swatch = document.createElement('span');
    swatch.className = `swatch ${name}`;
    const value = document.createElement('span');
    value.className = 'value';
    button.append(swatch, label, value);
    button.addEventListener('click', () => {
      const isShown = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(isShown));
      this.#plot.setSeries(index + 1, { show: isShown });
    });
    legend.append(button);
    return value;
  }

  #options(width: number, onCursor: (at: number) => void): uPlot.Options {
    const { isLog = false, show, height } = this.#spec;
    return {
      ...{ width, height, legend: { show: false }, padding: [6, 12, 0, 0] },
      cursor: {
        ...{ y: false, drag: { x: false, y: false, setScale: false } },
        // The control moves all of them.
        points: { size: 7 },
      },
      scales: {
        x: {
          ...{ time: false, distr: this.#set.isLogX ? 3 : 1 },
          range: [this.#set.isLogX ? 1 : 0, this.#set.end],
        },
        y: isLog
          ? { distr: 3 }
          : { range: (_, __, most) => uPlot.rangeNum(0, most > 0 ? most : 1, 0.08, true) },
      },
      axes: [
        {
          ...this.#axis(),
          ...(this.#set.splits === undefined
            ? { incrs: TIME_STEPS }
            : { splits: () => [...(this.#set.splits ?? [])], filter: (_, splits) => splits }),
          values: (_, splits) => splits.map((x) => this.#set.showTick(x)),
          ...{ size: 28, space: 72 },
        },
        {
          ...this.#axis(),
          ...(isLog ? { splits: (_, __, least, most) => powersOfTen(least, most) } : {}),
          values: (_, splits) => splits.map((value) => (value === null ? '' : show(value))),
          ...{ size: AXIS, space: 34 },
        },
      ],
      series: [{}, ...this.#spec.series.map((series) => this.#line(series))],
      hooks: {
        drawClear: [(plot) => this.#drawBands(plot)],
        // Once is enough: they have the same places in all plots of the group.
        draw: this.#set.plots[0] === this.#spec ? [(plot) => this.#drawMarks(plot)] : [],
        setCursor: [
          ({ cursor: { idx, left = -1 } }) => {
            if (idx != null && left >= 0) onCursor(idx);
          },
        ],
      },
    };
  }

  #axis(): uPlot.Axis {
    return {
      stroke: () => color('muted'),
      font: FONT,
      grid: { stroke: () => color('plot-grid'), width: 1 },
      ticks: { stroke: () => color('plot-grid'), width: 1, size: 4 },
    };
  }

  #line({ color: name, isDashed = false }: Series): uPlot.Series {
    const bars = this.#spec.hasBars === true ? uPlot.paths.bars?.({ size: [0.8, 24] }) : undefined;
    return {
      ...{ stroke: () => color(name), width: 1.5, spanGaps: this.#set.isLogX },
      ...(isDashed ? { dash: [5, 3] } : {}),
      ...(bars === undefined ? {} : { paths: bars, fill: () => color(name) }),
      points: bars !== undefined || this.#set.isLogX ? { show: false } : { size: 4 },
    };
  }

  #drawBands({ ctx, bbox, valToPos }: uPlot): void {
    ctx.save();
    for (const { kind, fromMs, toMs } of this.#set.bands) {
      const left = Math.max(bbox.left, valToPos(fromMs, 'x', true));
      const right = Math.min(bbox.left + bbox.width, valToPos(toMs, 'x', true));
      ctx.fillStyle = color(BAND_COLORS[kind]);
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    ctx.restore();
  }

  #drawMarks({ ctx, bbox, valToPos }: uPlot): void {
    const scale = devicePixelRatio;
    ctx.save();
    ctx.font = `${11 * scale}px system-ui, sans-serif`;
    ctx.textBaseline = 'top';
    ctx.textAlign = 'left';
    ctx.fillStyle = color('muted');
    ctx.strokeStyle = color('muted');
    const right = bbox.left + bbox.width;
    for (const { kind, fromMs, toMs } of this.#set.bands) {
      const from = valToPos(fromMs, 'x', true);
      const name = BAND_NAMES[kind];
      if (ctx.measureText(name).width < valToPos(toMs, 'x', true) - from - 8 * scale)
        ctx.fillText(name, from + 4 * scale, bbox.top + 3 * scale);
    }
    ctx.setLineDash([4 * scale, 3 * scale]);
    for (const { atMs, text } of this.#set.marks) {
      const at = valToPos(atMs, 'x', true);
      ctx.beginPath();
      ctx.moveTo(at, bbox.top);
      ctx.lineTo(at, bbox.top + bbox.height);
      ctx.stroke();
      const isLate = at + ctx.measureText(text).width + 8 * scale > right;
      ctx.textAlign = isLate ? 'right' : 'left';
      ctx.fillText(text, at + (isLate ? -4 : 4) * scale, bbox.top + 3 * scale);
    }
    ctx.restore();
  }
}

/** For those who do not see it: what it shows, from where to where. */
function describe({ x, showX }: PlotSet, { title, series, show }: PlotSpec): string {
  const ranges = series.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return label;
    return `${label} from ${show(Math.min(...known))} to ${show(Math.max(...known))}`;
  });
  return `${title}, ${showX(x[0] ?? 0)} to ${showX(x.at(-1) ?? 0)}: ${ranges.join('; ')}. A table has the same numbers.`;
}
