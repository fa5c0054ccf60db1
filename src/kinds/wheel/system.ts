/** Which systems the tag of a wheel allows, and which its binaries need. Pure. */
import { firstFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import type { Binary } from './binaries.ts';
import type { WheelComponent } from './component.ts';

type Tagged = Pick<WheelComponent['package'], 'tag'>;

const SHOWN = 8;

const OLD_NAMES: Readonly<Record<string, number>> = { manylinux1: 5, manylinux2010: 12, manylinux2014: 17 };

/**
 * The newest symbols of libstdc++ that a system has which a tag allows, by the oldest minor version of its glibc: from the policies of
 * auditwheel, which PEP 600 makes the reference.
 */
const GLIBCXX: readonly (readonly [glibc: number, minor: number])[] = [
  ...([
    [5, 8],
    [12, 13],
    [17, 19],
    [24, 22],
    [27, 24],
  ] as const),
  ...([
    [31, 28],
    [34, 29],
    [35, 30],
    [39, 33],
  ] as const),
];

/** Of the platform of a tag; undefined if it says nothing of it. */
function glibcOf(platform: string): number | undefined {
  const [, name = '', minor] = /^(manylinux(?:1|2010|2014|_2_(\d+)))_/.exec(platform) ?? [];
  return minor === undefined ? OLD_NAMES[name] : Number(minor);
}

/** @returns the oldest minor version of glibc 2 that a tag allows; undefined if it says nothing of it */
export function oldestGlibc(tag: string): number | undefined {
  const allowed = (tag.split('-')[2] ?? '').split('.').flatMap((platform) => glibcOf(platform) ?? []);
  return allowed.length === 0 ? undefined : Math.min(...allowed);
}

interface Need {
  readonly file: string;
  readonly needs: string;
}

/** What is newer than the tag allows, the newest first. */
const needsOf = (
  binaries: readonly Binary[],
  { version, newest, name }: { version: RegExp; newest: number; name: string },
): Need[] =>
  binaries
    .flatMap(({ file, versions }) =>
      versions.map((each) => ({ file, minor: Number(version.exec(each)?.[1] ?? 0) })),
    )
    .filter(({ minor }) => minor > newest)
    .sort((a, b) => b.minor - a.minor)
    .map(({ file, minor }) => ({ file, needs: `${name}${minor}` }));

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** A wheel may bring one of its own. */
const bringsLibstdcxx = (binaries: readonly Binary[]): boolean =>
  binaries.some(({ file }) => baseName(file).startsWith('libstdc++'));

export function judgeSystem({ tag }: Tagged, binaries: readonly Binary[]): Finding[] {
  const oldest = oldestGlibc(tag);
  if (oldest === undefined) return [];
  const newest = GLIBCXX.findLast(([glibc]) => glibc <= oldest)?.[1];
  const glibc = needsOf(binaries, { version: /^GLIBC_2\.(\d+)/, newest: oldest, name: 'glibc 2.' });
  const libstdcxx =
    newest === undefined || bringsLibstdcxx(binaries)
      ? []
      : needsOf(binaries, { version: /^GLIBCXX_3\.4\.(\d+)$/, newest, name: 'GLIBCXX_3.4.' });
  const needed = [...glibc, ...libstdcxx];
  const [first] = needed;
  if (first === undefined) return [];
  const ofItsAge = glibc.length > 0 ? '' : `, whose libstdc++ ends at GLIBCXX_3.4.${newest}`;
  return [
    {
      code: 'wrong-tag',
      message: `the tag of the wheel, ${tag}, allows systems with glibc 2.${oldest}${ofItsAge}, and ${baseName(first.file)} needs ${first.needs}`,
      evidence: firstFew(
        needed.map(({ file, needs }) => `${file}: ${needs}`),
        SHOWN,
      ),
      hint: 'let auditwheel repair name it, or build it on an older system (cibuildwheel)',
      tag,
    },
  ];
}

const SAYS = /consistent\s+with\s+the\s+following\s+platform\s+tag:\s+"([^"]+)"/;

/** @param lines what `auditwheel show` has printed, which breaks its lines where they end */
export function judgeAnswer(tag: string, lines: readonly string[]): Finding[] {
  const platform = SAYS.exec(lines.join('\n'))?.[1];
  if (platform === undefined) return [];
  // `linux_x86_64`: it needs a library that only the machine has that built it.
  const isOneSystem = platform.startsWith('linux_');
  const oldest = oldestGlibc(tag);
  const isNewer = oldest !== undefined && (glibcOf(platform) ?? 0) > oldest;
  if (!isOneSystem && !isNewer) return [];
  const [allows, finds, mends] = isOneSystem
    ? ['any Linux of its age', 'libraries in it that need one system', 'puts the libraries into the wheel']
    : [`systems with glibc 2.${oldest}`, 'that it needs newer ones', 'names it rightly'];
  return [
    {
      code: 'wrong-tag',
      message: `the tag of the wheel, ${tag}, allows ${allows}, and auditwheel finds ${finds} (${platform})`,
      evidence: lines.filter((line) => line.trim() !== '').slice(0, SHOWN),
      hint: `auditwheel show has the whole answer; auditwheel repair ${mends}`,
      tag,
    },
  ];
}
