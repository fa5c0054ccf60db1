/** Which errors of a checker only those see who have it check the declarations of others as well. */
import type { TypeErrors } from './findings.ts';

const DECLARATIONS = /\.d\.(?:json\.)?[cm]?ts$/;

/** What `skipLibCheck` hides: errors in declarations. Those in sources (`.ts`) that a package ships as its types are seen by all. */
export const isForTheStrict = ({ errors }: Pick<TypeErrors, 'errors'>): boolean =>
  errors.length > 0 && errors.every(({ file }) => DECLARATIONS.test(file));
