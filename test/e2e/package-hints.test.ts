/** The component `types` of Python packages, with the real checkers, which are fetched. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';
import { wheelOf } from '../rig/wheel.ts';

type Files = Readonly<Record<string, string>>;

const FUNCTIONS = `
def known(a, b=1): return a
def extra(a): return a
def needs(a, b): return a
class Thing:
    def run(self): return 1
class Abstract: pass
class Concrete(Abstract):
    def walk(self): return 1
`;

/** Each defect, and beside it what is sound. */
const PLANTED: Files = {
  'planted/py.typed': '',
  'planted/__init__.py': '__all__ = ["known", "late"]\nfrom .core import known\nglobals()["late"] = 42\n',
  'planted/core.py': FUNCTIONS,
  'planted/core.pyi': `
def known(a: int, b: int = 1) -> int: ...
def extra(a: int, more: int = 1) -> int: ...
def needs(a: int) -> int: ...
def gone() -> None: ...
class Thing:
    def run(self) -> int: ...
    def stop(self) -> None: ...
class Abstract: ...
class Concrete(Abstract):
    def walk(self) -> int: ...
`,
  'planted/unclear.py': 'def one(): pass\n',
  'planted/unclear.pyi': 'def one() -> Undefined: ...\n',
  'lifting/py.typed': '',
  'lifting/__init__.py': 'from ._own import answer\n',
  'lifting/_own.py': 'def answer() -> int:\n    return 42\n',
};

const SOUND: Files = {
  'sound/py.typed': '',
  'sound/__init__.py': '__all__ = ["known", "late"]\nfrom .core import known\nlate = 42\n',
  'sound/core.py': FUNCTIONS,
  'sound/core.pyi': `
from typing import Protocol, TypeVar
T = TypeVar("T")
class Runs(Protocol):
    def run(self) -> int: ...
def known(a: int, b: int = 1) -> int: ...
def extra(a: int) -> int: ...
def needs(a: int, b: int) -> int: ...
class Thing:
    def run(self) -> int: ...
class Abstract:
    def walk(self) -> int: ...
class Concrete(Abstract): ...
`,
  'lifted/py.typed': '',
  'lifted/__init__.py': 'from ._own import answer as answer\n',
  'lifted/_own.py': 'def answer() -> int:\n    return 42\n',
};

function put(rig: Rig, name: string, files: Files): void {
  const wheel = wheelOf({ name }, files);
  rig.write(wheel.name, wheel.bytes);
}

const trial = (rig: Rig, wheel: string, env: Readonly<Record<string, string>> = {}) =>
  rig
    .start(['package', `./${wheel}-1.0-py3-none-any.whl`, 'types', '--report', 'json=report.json'], {
      XDG_CACHE_HOME: join(rig.dir, 'cache'),
      ...env,
    })
    .exit();

test.runIf(isThorough)(
  'without an index there is no mypy, which says nothing about the package',
  async () => {
    await using rig = await Rig.create();
    put(rig, 'sound', SOUND);
    const { code, stdout } = await trial(rig, 'sound', { PIP_NO_INDEX: '1', UV_NO_INDEX: '1' });
    expect(code, stdout).toBe(3);
    const [types] = rig.report().components;
    expect(types?.findings.map(({ code: found }) => found)).toEqual(['no-compiler']);
    expect(types?.findings[0]?.message).toContain('mypy cannot be installed');
  },
);

test.runIf(isThorough)(
  'mypy, pyright and stubtest find each planted defect, and nothing in its sound twin',
  async () => {
    await using rig = await Rig.create();
    put(rig, 'planted', PLANTED);
    put(rig, 'sound', SOUND);
    const { code, stdout } = await trial(rig, 'planted');
    expect(code, stdout).toBe(1);
    const found = rig.report().components[0]?.findings ?? [];
    expect(found.map(({ code: each, message }) => `${each}: ${message}`).sort()).toEqual([
      'missing-name: stubs declare planted.core.Thing.stop, planted.core.gone, which do not exist',
      'refused-declarations: mypy refuses planted/unclear.pyi of planted',
      'undeclared-name: its declarations lack planted.late: mypy and pyright refuse to import it',
      'unexported-name: to type checkers lifting.answer is private: imported from a private module, and neither in __all__ nor imported as itself',
      'wrong-signature: stubs declare other parameters of planted.core.extra, planted.core.needs than they have',
    ]);
    const sound = await trial(rig, 'sound');
    expect(sound.code, sound.stdout).toBe(0);
    expect(rig.report().components[0]?.findings).toEqual([]);
  },
);
