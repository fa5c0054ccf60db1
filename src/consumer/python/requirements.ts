/** Which requirement of a distribution brings a module. Only the index knows for certain: this goes by their names. Pure. */
import type { Requirement } from './metadata.ts';

/** `google` for `google.protobuf` */
export const rootOf = (module: string): string => module.split('.')[0] ?? module;

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[-_.]/g, '')
    .replace(/^py(?:thon)?|python$/g, '');

/** Imports and distributions whose names have nothing in common. */
const ALIASES: Readonly<Record<string, string>> = {
  ...{ yaml: 'pyyaml', bs4: 'beautifulsoup4', pil: 'pillow', cv2: 'opencv-python', sklearn: 'scikit-learn' },
  ...{ crypto: 'pycryptodome', dateutil: 'python-dateutil', google: 'protobuf', attr: 'attrs', zmq: 'pyzmq' },
  ...{
    openssl: 'pyopenssl',
    mysqldb: 'mysqlclient',
    serial: 'pyserial',
    usb: 'pyusb',
    magic: 'python-magic',
  },
};

/** The requirement that most likely brings a module: their names need not be the same. */
export function requirementFor(
  module: string,
  requirements: readonly Requirement[],
): Requirement | undefined {
  const root = rootOf(module);
  const wanted = [root, ALIASES[root.toLowerCase()] ?? root, module].map(plain);
  return (
    requirements.find(({ name }) => wanted.includes(plain(name))) ??
    requirements.find(({ name }) => plain(root).length > 3 && plain(name).includes(plain(root)))
  );
}

/** What is said of a module that needs an extra; undefined if no extra brings what it needs. */
export function neededExtra(module: string, requirements: readonly Requirement[]): string | undefined {
  const extras = requirementFor(module, requirements)?.extras ?? [];
  return extras.length === 0
    ? undefined
    : `it needs ${rootOf(module)}, which comes with the extra ${extras[0]}`;
}
