import colors from 'picocolors';

/** The few colours that the output uses; each is the identity where colours are not wanted. */
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
