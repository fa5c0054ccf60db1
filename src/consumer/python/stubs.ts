/** Which declarations a distribution has, by the names of its files. Pure. */
import { identifierParts, isTried } from './modules.ts';

/** The stub of a module. */
export interface Stub {
  /** As an import writes it: without the `-stubs` of a package that has nothing else. */
  readonly module: string;
  /** Relative to `site-packages`. */
  readonly file: string;
}

const STUBS = /^([^/]+)-stubs\//;
const OF_METADATA = /^[^/]+\.(?:dist-info|data)\//;

/** Whether checkers read its declarations: it has a marker, or nothing but stubs. */
export const isTyped = (files: readonly string[]): boolean =>
  files.some((file) => /(?:^|\/)py\.typed$/.test(file)) || isStubOnly(files);

/** Whether it has the declarations of another distribution. */
export function isStubOnly(files: readonly string[]): boolean {
  const own = files.filter((file) => !OF_METADATA.test(file));
  return own.length > 0 && own.every((file) => STUBS.test(file));
}

/** Those of modules that are meant for people, or of the private ones in which they are declared. */
export const stubsOf = (files: readonly string[]): Stub[] =>
  files.flatMap((file): Stub[] => {
    if (!file.endsWith('.pyi')) return [];
    const parts = identifierParts(file.replace(STUBS, '$1/').replace(/i$/, ''));
    return parts === undefined || !isTried(parts) ? [] : [{ module: parts.join('.'), file }];
  });

/** What typeshed writes into the metadata of its distributions, in which lines end anywhere. */
const DESCRIBED = /accurate\s+annotations\s+for\s+`?([A-Za-z0-9][\w.-]*)`?\s*(==\s*[\d.*]+)?/;

/**
 * @param name of a distribution that has nothing but stubs
 * @param metadata the whole text of its `METADATA`
 * @returns what pip calls the distribution that it describes: `requests==2.33.*`; null if that cannot be known
 */
export function describedBy(name: string, metadata: string): string | null {
  const [, project, version = ''] = DESCRIBED.exec(metadata) ?? [];
  if (project !== undefined) return `${project}${version.replace(/\s/g, '')}`;
  const own = /^types-(.+)$/i.exec(name)?.[1] ?? /^(.+)-stubs$/i.exec(name)?.[1];
  return own ?? null;
}
