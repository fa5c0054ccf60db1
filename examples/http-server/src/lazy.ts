/**
 * Postpones a computation until its result is first asked for, then keeps it.
 *
 * @param make computes the value; called once at most
 * @returns a function which gives the value
 */
export function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
