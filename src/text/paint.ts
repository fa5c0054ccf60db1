import colors from 'picocolors';

/** The colours of the output; each returns its text unchanged when colours are off. */
export interface Paint {
  /** To tell things apart: the colour of the nth, which means nothing. */
  readonly hue: (index: number) => (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

export function createPaint(enabled: boolean): Paint {
  const { green, red, yellow, dim, bold, cyan, magenta, blue, ...others } = colors.createColors(enabled);
  const hues = [cyan, magenta, blue, others.cyanBright, others.magentaBright, others.blueBright];
  return {
    ...{ good: green, bad: red, warn: yellow, dim, bold },
    hue: (index) => hues[index % hues.length] ?? cyan,
  };
}
