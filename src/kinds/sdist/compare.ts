/** Compares a wheel with one that is built from the sdist, by the files that they install. Pure. */

export interface WheelDifference {
  /** What only the wheel has. */
  readonly missing: readonly string[];
  /** What only the one from the sdist has. */
  readonly added: readonly string[];
}

/**
 * Metadata differs from one build tool to the next; libraries come from auditwheel; caches from whoever has run it; and what
 * mypyc makes beside modules is there if they are compiled, under a name of its own choice.
 */
const NOT_COMPARED = /^[^/]+\.dist-info\/|^[^/]+\.libs\/|\.py[co]$|__mypyc\.[^/]+$/;
/** Files of `name-1.0.data/purelib` are installed beside the others. */
const IN_DATA = /^[^/]+\.data\/(?:pure|plat)lib\//;
/** Whether a module is compiled, and for which Python, is a matter of the machine: `x.py`, `x.cpython-311-….so`. */
const OF_MODULE = /(?:\.(?:cpython-[\w-]+|abi3|cp\d[\w-]*))?\.(?:py|so|pyd)$/;
const COMPILED = /\.(?:cpython-[\w-]+|abi3|cp\d[\w-]*)\.(?:so|pyd)$/;

function keysOf(files: readonly string[]): Map<string, string> {
  const plain = files.map((file) => file.replace(IN_DATA, '')).filter((file) => !NOT_COMPARED.test(file));
  return new Map(plain.map((file) => [file.replace(OF_MODULE, '.py'), file]));
}

const only = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] =>
  [...one].flatMap(([key, file]) => (other.has(key) ? [] : [file]));

export function compareWheels(wheel: readonly string[], built: readonly string[]): WheelDifference {
  const [before, after] = [keysOf(wheel), keysOf(built)];
  return { missing: only(before, after), added: only(after, before) };
}

/** Nobody imports them. */
const FOR_AUTHORS =
  /(?:^|\/)(?:tests?|testing|docs?|examples?|benchmarks?)\/|(?:^|\/)(?:conftest|test_\w+|\w+_test)\.py$/;
/**
 * Of what a wheel lacks, that which users can miss. If nothing in it is compiled, what would be is not: that was left out by a
 * setting of the build, or for want of a compiler, which the package allows.
 */
export function missedByUsers(missing: readonly string[], built: readonly string[]): string[] {
  const isPure = !built.some((file) => COMPILED.test(file));
  return missing.filter((file) => !FOR_AUTHORS.test(file) && !(isPure && COMPILED.test(file)));
}
