/** The scripts and styles of the page, which the build has made of `page/`. */
import { readFileSync } from 'node:fs';

/** `page` is in every page; `plots` where something is plotted. */
export type ScriptName = 'page' | 'plots';

export interface Assets {
  readonly script: (name: ScriptName) => string;
  readonly style: () => string;
}

/** @param folder where they are; default: that of the build */
export const assetsIn = (folder = new URL('../html/', import.meta.url)): Assets => ({
  script: (name) => readFileSync(new URL(`${name}.js`, folder), 'utf8'),
  style: () => readFileSync(new URL('page.css', folder), 'utf8'),
});
