/** Judges what is in a wheel. Pure. */
import { firstFew, nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { showMeasure } from '../../core/threshold.ts';
import { plural } from '../../core/units.ts';
import { type Binary, ownerOf } from './binaries.ts';
import type { WheelComponent } from './component.ts';
import { STABLE_ABI } from './stable-abi.ts';

type Judged = WheelComponent['package'];

const SHOWN = 8;
const NAMED = 3;
/** Less is not worth a word. */
const MUCH_DEBUGGING = 1_000_000;

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const isMetadata = (file: string): boolean => /^[^/]+\.dist-info\//.test(file);
const ABOUT_RIGHTS = /^(?:un)?(?:licen[cs]es?|copying|copyright|notice)(?:[.\-_]|$)/i;

/**
 * Each named file has one of its own: two that are called LICENSE, from two folders, are two. Tools put them at their paths
 * below `licenses`, or by their names alone, or where the sources have them.
 */
function missingLicenses({ licenseFiles, files }: Pick<Judged, 'licenseFiles' | 'files'>): string[] {
  const free = new Set(files);
  const take = (file: string | undefined): boolean => file !== undefined && free.delete(file);
  const atPath = (named: string): string | undefined =>
    files.find((file) => isMetadata(file) && file.endsWith(`.dist-info/licenses/${named}`));
  const elsewhere = licenseFiles.filter((named) => !take(atPath(named)));
  const byName = (named: string, isOwn: boolean): string | undefined =>
    [...free].find((file) => baseName(file) === baseName(named) && isMetadata(file) === isOwn);
  return elsewhere.filter((named) => !take(byName(named, true)) && !take(byName(named, false)));
}

export function judgeLicense({ licenseFiles, files }: Pick<Judged, 'licenseFiles' | 'files'>): Finding[] {
  const missing = missingLicenses({ licenseFiles, files });
  if (missing.length > 0)
    return [
      {
        code: 'missing-license',
        message: `its metadata names ${nameFew(missing, NAMED)} as its licence, which is not in the wheel`,
        hint: 'build the wheel where that file is: if from an sdist, put it there as well',
        files: missing,
      },
    ];
  const isThere = files.some(
    (file) => !/\.(?:pyi?|so)$/.test(file) && file.split('/').some((part) => ABOUT_RIGHTS.test(part)),
  );
  if (isThere) return [];
  const hint = 'list it: license-files = ["LICEN[CS]E*"] in [project] of pyproject.toml';
  return [{ code: 'unlicensed', message: 'there is no file with a licence in the wheel', hint }];
}

/** Of a path of a source file, or one that is searched: `/home/ann`. */
function homeOf(path: string): string[] {
  const owner = ownerOf(path);
  return owner === undefined ? [] : [path.slice(0, path.indexOf(owner) + owner.length)];
}

export function judgePaths(binaries: readonly Binary[]): Finding[] {
  const found = binaries.map(({ file, sources, rpaths }) => {
    return { file, paths: [...rpaths, ...sources].filter((path) => ownerOf(path) !== undefined) };
  });
  const folders = [...new Set(found.flatMap(({ paths }) => paths.flatMap(homeOf)))];
  if (folders.length === 0) return [];
  const lines = found.flatMap(({ file, paths }) => paths.slice(0, NAMED).map((path) => `${file}: ${path}`));
  return [
    {
      code: 'build-paths',
      message: `its binaries name ${nameFew(folders, NAMED)}, a home on the machine that built them`,
      evidence: firstFew(lines, SHOWN),
      hint: 'build in a container, or with -ffile-prefix-map (Rust: --remap-path-prefix)',
      folders,
    },
  ];
}

/** The lowest Python 3 that may install it. */
function oldestPython({ tag, requiresPython }: Pick<Judged, 'tag' | 'requiresPython'>): number {
  const bounds = [...requiresPython.matchAll(/(?:>=?|==|~=)\s*3\.(\d+)/g)].map(([, minor]) => Number(minor));
  return Math.max(Number(/^cp3(\d+)/.exec(tag)?.[1] ?? 0), ...bounds);
}

/** An extension module without a tag in its name (`_core.so`) is loaded by any Python as well. */
const isForAnyPython = (file: string): boolean =>
  file.endsWith('.so') && !/\.(?:cpython-|cp\d|pypy\d)[\w-]*\.so$/.test(file);

const OF_PYTHON = /^_?Py[A-Z_]/;

export function judgeStableAbi(
  about: Pick<Judged, 'tag' | 'requiresPython'>,
  all: readonly Binary[],
): Finding[] {
  const { tag } = about;
  if (!(tag.split('-')[1] ?? '').split('.').includes('abi3')) return [];
  const needed = all
    .filter(({ file }) => isForAnyPython(file))
    .flatMap(({ file, names }) =>
      names
        .filter((name) => OF_PYTHON.test(name))
        .map((name) => ({ file, name, since: STABLE_ABI.get(name) })),
    );
  const oldest = oldestPython(about);
  const [newest, ...others] = needed
    .filter(({ since = 0 }) => since > oldest)
    .sort((a, b) => (b.since ?? 0) - (a.since ?? 0));
  const show = ({ file, name, since }: (typeof needed)[number]): string =>
    `${file}: ${name}${since === undefined ? '' : `, since Python 3.${since}`}`;
  const outside = needed.filter(({ since }) => since === undefined);
  const names = [...new Set(outside.map(({ name }) => name))];
  return [
    ...(newest === undefined
      ? []
      : [
          {
            code: 'wrong-tag' as const,
            message: `the tag of the wheel, ${tag}, allows Python 3.${oldest}, and ${baseName(newest.file)} needs ${newest.name}, which came with Python 3.${newest.since}`,
            evidence: firstFew([newest, ...others].map(show), SHOWN),
            hint: `build it with Py_LIMITED_API for 3.${oldest}, or let the tag and Requires-Python say 3.${newest.since}`,
            tag,
          },
        ]),
    ...(names.length === 0
      ? []
      : [
          {
            code: 'unstable-abi' as const,
            message: `its extension modules are for any newer Python, and use ${nameFew(names, NAMED)}, which any may lack`,
            evidence: firstFew(outside.map(show), SHOWN),
            hint: 'define Py_LIMITED_API in all source files, and use what that leaves',
            names,
          },
        ]),
  ];
}

export function judgeSize(binaries: readonly Binary[]): Finding[] {
  const debugBytes = binaries.reduce((sum, each) => sum + each.debugBytes, 0);
  const bytes = binaries.reduce((sum, each) => sum + each.bytes, 0);
  if (debugBytes < MUCH_DEBUGGING) return [];
  const size = (value: number): string => showMeasure(value, 'bytes');
  const largest = binaries.filter((each) => each.debugBytes > 0).sort((a, b) => b.debugBytes - a.debugBytes);
  return [
    {
      code: 'unstripped',
      message: `${size(debugBytes)} of ${size(bytes)} in its binaries are for debuggers`,
      evidence: firstFew(
        largest.map((each) => `${each.file}: ${size(each.debugBytes)} of ${size(each.bytes)}`),
        SHOWN,
      ),
      hint: 'strip them: strip --strip-debug',
      debugBytes,
    },
  ];
}

/** What there is to say of any wheel. */
export function profile(
  bytes: number,
  installedBytes: number,
  files: number,
  all: readonly Pick<Binary, 'isUnread'>[],
): Finding {
  const binaries = all.length;
  const unread = all.filter(({ isUnread }) => isUnread).length;
  const size = `${showMeasure(bytes, 'bytes')}, ${showMeasure(installedBytes, 'bytes')} installed`;
  const what = [
    plural(files, 'file'),
    ...(binaries === 0 ? [] : [plural(binaries, 'binary', 'binaries')]),
    ...(unread === 0 ? [] : [`${unread} of them cannot be read`]),
  ];
  const message = `${size}: ${what.join(', ')}`;
  return { code: 'wheel-profile', message, bytes, installedBytes, files, binaries };
}
