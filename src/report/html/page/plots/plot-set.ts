/** What is drawn as a group: plots with the same horizontal axis, one below the other. */
import type { Band, Mark } from '../../plotted/plot-data.ts';

export interface Series {
  readonly label: string;
  /** The name of its colour in the styles. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly isDashed?: boolean;
  /** Whether the value at a place is only a lower bound. */
  readonly isAtLeast?: (at: number) => boolean;
}

export interface PlotSpec {
  readonly title: string;
  readonly series: readonly Series[];
  readonly show: (value: number) => string;
  readonly height: number;
  readonly isLog?: boolean;
  readonly hasBars?: boolean;
}

export interface PlotSet {
  /** Where each value is on the horizontal axis, rising. */
  readonly x: readonly number[];
  /** Where the axis ends. */
  readonly end: number;
  readonly isLogX: boolean;
  /** Where the axis may have marks, and how a place on it is said. */
  readonly splits?: readonly number[];
  readonly showTick: (x: number) => string;
  readonly showX: (x: number) => string;
  /** The name of the control that moves along the axis. */
  readonly control: string;
  /** In the unit of the axis. */
  readonly bands: readonly Band[];
  readonly marks: readonly Mark[];
  readonly plots: readonly PlotSpec[];
}
