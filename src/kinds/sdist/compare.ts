/** Compares a wheel with one that is built from the sdist, by the files that they install. Pure. */

export interface WheelDifference {
  /** What only the wheel has. */
  readonly missing: readonly string[];
  /** What only the one from the sdist has. */
  readonly added: readonly string[];
}

/** Metadata differs from one build tool to the next; libraries come from auditwheel; caches from whoever has run it. */
const NOT_COMPARED = /^[^/]+\.dist-info\/|^[^/]+\.libs\/|\.py[co]$/;
/** Files of `name-1.0.data/purelib` are installed beside the others. */
const IN_DATA = /^[^/]+\.data\/(?:pure|plat)lib\//;
/** Whether a module is compiled, and for which Python, is a matter of the machine: `x.py`, `x.cpython-311-….so`. */
const OF_MODULE = /(?:\.(?:cpython-[\w-]+|abi3|cp\d[\w-]*))?\.(?:py|so|pyd)$/;

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
/** Whether users can miss it. */
export const isForUsers = (file: string): boolean => !FOR_AUTHORS.test(file);
