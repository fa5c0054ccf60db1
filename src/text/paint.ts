import colors from 'picocolors';

/** The colours of the output; each returns its text unchanged when colours are off. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

export function createPaint(enabled: boolean): Paint {
  const { green, red, yellow, dim, bold } = colors.createColors(enabled);
  return { good: green, bad: red, warn: yellow, dim, bold };
}
