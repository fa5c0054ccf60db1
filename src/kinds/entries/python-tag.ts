/** Holds the tag of a wheel, by which installers choose, against the extension modules in it. Pure. */
import type { Wheel } from '../../consumer/python/wheel.ts';
import { firstFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';

const SHOWN = 8;
/** `311` of `x.cpython-311-x86_64-linux-gnu.so`, which is for this version of Python, and no other. */
function onePython(file: string): string | undefined {
  const [, middle = '', ending] = file.slice(file.lastIndexOf('/') + 1).split('.');
  return ending === 'so' ? /^cpython-(\d+t?)(?:-|$)/.exec(middle)?.[1] : undefined;
}

const EXTENSION = /\.(?:cpython-[\w-]+|abi3)\.so$|\.pyd$/;

/** What of a wheel does not fit its tag; undefined if all does. */
function misfit({
  tag,
  files,
}: Pick<Wheel, 'tag' | 'files'>): { cause: string; files: string[] } | undefined {
  const [, abi = '', platform = ''] = tag.split('-');
  const extensions = files.filter((file) => EXTENSION.test(file));
  if (platform === 'any' && extensions.length > 0)
    return {
      cause: 'says that it fits any system, and there are extension modules for one in it',
      files: extensions,
    };
  const stem = (file: string): string => file.replace(/\.(?:cpython-[\w-]+|abi3)\.so$/, '');
  const stable = new Set(extensions.filter((file) => file.endsWith('.abi3.so')).map(stem));
  const ofOne = extensions.filter((file) => onePython(file) !== undefined && !stable.has(stem(file)));
  if (abi.split('.').includes('abi3') && ofOne.length > 0)
    return {
      cause: 'says that it fits any newer Python, and there are extension modules for one alone in it',
      files: ofOne,
    };
  const versions = abi.split('.').map((each) => each.replace(/^cp/, ''));
  const fits = ofOne.some((file) => versions.includes(onePython(file) ?? ''));
  return /^cp\d/.test(abi) && ofOne.length > 0 && !fits
    ? { cause: 'names another Python than its extension modules are for', files: ofOne }
    : undefined;
}

export function judgeTag(wheel: Pick<Wheel, 'tag' | 'files'>): Finding[] {
  const found = misfit(wheel);
  if (found === undefined) return [];
  return [
    {
      code: 'wrong-tag',
      message: `the tag of the wheel, ${wheel.tag}, ${found.cause}`,
      evidence: firstFew(found.files, SHOWN),
      hint: 'let the build tool name the wheel, and build one for each Python and system',
      tag: wheel.tag,
    },
  ];
}
