/** Rules of HTTP/2 that a server breaks. */

/** One of them is broken, so that nothing that the server says can be relied on any more. */
export class Violation extends Error {}

export function mustBe(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Violation(otherwise);
}
