/** `shakedown package` with packages for Python, each a wheel that is made here: nothing is fetched. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import { PythonIndex } from '../rig/python-index.ts';
import { CRASH, DEADLOCK, SCRATCH, SOUND as SOUND_IN_THREADS } from '../rig/racy.ts';
import { Rig } from '../rig/rig.ts';
import { cellOutcomes } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';
import { type WheelParts, wheelOf } from '../rig/wheel.ts';

type Files = Readonly<Record<string, string>>;

function writeWheel(rig: Rig, parts: WheelParts, files: Files): string {
  const { name, bytes } = wheelOf(parts, files);
  return rig.write(name, bytes);
}

/** With settings of the user's own that must not be seen, and no index to ask. */
async function trial(
  rig: Rig,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; stdout: string }> {
  const env = {
    XDG_CACHE_HOME: join(rig.dir, 'cache'),
    PIP_NO_INDEX: '1',
    PIP_TARGET: join(rig.dir, 'elsewhere'),
    PYTHONPATH: join(rig.dir, 'mine'),
    PYTHONSTARTUP: '/nowhere',
    ...more,
  };
  const { code, stdout } = await rig.start(['package', ...args, '--report', 'json=report.json'], env).exit();
  return { code, stdout };
}

const messages = (findings: readonly Finding[] = []): string[] =>
  findings.map(({ code, message }) => `${code}: ${message}`);

const PROGRAM = 'import sys\ndef main():\n    print("as you asked")\n    return 0\n';

const SOUND: Files = {
  'sound/__init__.py': 'from ._core import answer\n',
  'sound/_core.py': 'answer = 42\n',
  'sound/cli.py': PROGRAM,
  'sound/config.py': 'import yaml\n',
  'sound/windows.py': 'import winreg\n',
  'sound/tests/__init__.py': 'raise RuntimeError("only for its authors")\n',
  'sound/py.typed': '',
  'sound-1.0.dist-info/LICENSE': 'Do as you like.\n',
};

const SOUND_PARTS: WheelParts = {
  name: 'sound',
  headers: [
    'License-File: LICENSE',
    'Classifier: Typing :: Typed',
    'Provides-Extra: yaml',
    'Requires-Dist: PyYAML; extra == "yaml"',
  ],
  entryPoints: '[console_scripts]\nsound = sound.cli:main\n[gui_scripts]\nsound-window = sound.cli:main\n',
};

test('a sound Python package passes, in an environment of its own', async () => {
  await using rig = await Rig.create();
  rig.write('mine/sitecustomize.py', 'raise SystemExit("this is not for the package")\n');
  writeWheel(rig, SOUND_PARTS, SOUND);
  await using index = await PythonIndex.start([wheelOf({ name: 'PyYAML' }, {})]);
  const { code, stdout } = await trial(
    rig,
    // Checkers of types would have to be fetched.
    ['./sound-1.0-py3-none-any.whl', 'entries', 'init', 'bin:sound', 'wheel', 'extras'],
    index.env,
  );
  expect(code, stdout).toBe(0);
  const { suite, components } = rig.report();
  expect(suite).toBe('sound@1.0');
  expect(components.map(({ name, verdict }) => `${name}: ${verdict}`)).toEqual([
    'entries: passed',
    'init: passed',
    'bin:sound: passed',
    'wheel: passed',
    'extras: passed',
  ]);
  const [entries, init] = components;
  expect(init === undefined ? [] : cellOutcomes(init)).toEqual(['passed']);
  expect(entries === undefined ? [] : cellOutcomes(entries)).toEqual(['note', 'passed']);
  expect(entries?.findings[0]?.evidence).toEqual([
    'import sound.config: it needs yaml, which comes with the extra yaml',
    'import sound.windows: it needs winreg, which this Python does not have',
  ]);
});

test('what is broken in a Python package is found, each with its culprit', async () => {
  await using rig = await Rig.create();
  writeWheel(
    rig,
    {
      name: 'broken',
      headers: ['Classifier: Typing :: Typed', 'License-File: COPYING'],
      entryPoints:
        '[console_scripts]\nfine = broken.cli:main\nlost = broken.cli:start\ncrashing = broken.cli:crash\n',
      record: (text) => text.replace(/sha256=[^,]+/, 'sha256=AAAA'),
    },
    {
      'broken/__init__.py': '',
      'broken/cli.py': `${PROGRAM}def crash():\n    raise KeyError("config")\n`,
      'broken/parts.py': 'from broken import gone\nfrom broken.lost import x\n',
      'broken/lost_module.py': 'import broken.absent\n',
      'broken/crash.py': 'import ctypes\nctypes.string_at(0)\n',
      'broken/mistake.py': 'answer = 6 * nine\n',
      'broken/undeclared.py': 'import undeclared\n',
      'second/__init__.py': 'import undeclared\n',
      'tests/__init__.py': '',
    },
  );
  const { code, stdout } = await trial(rig, [
    './broken-1.0-py3-none-any.whl',
    'entries',
    'bin:fine',
    'bin:crashing',
    'wheel',
  ]);
  expect(code, stdout).toBe(1);
  const { components } = rig.report();
  const of = (name: string): readonly Finding[] =>
    components.find((each) => each.name === name)?.findings ?? [];
  expect(messages(of('entries'))).toEqual([
    'unloadable-entry: import second fails: second/__init__.py imports undeclared, which its metadata does not declare',
    'record-mismatch: RECORD has another hash of broken/__init__.py',
    'stray-module: it installs tests as a module of its own, where tests of any other package would be as well',
    'missing-file: the classifier "Typing :: Typed" names broken/py.typed, which is not in the package',
    'unloadable-entry: import broken.crash fails: it ends the process, which was killed by SIGSEGV (segmentation fault)',
    'unloadable-entry: import broken.lost_module fails: broken/lost_module.py imports broken.absent, which is not in the package',
    "unloadable-entry: import broken.mistake fails: NameError: name 'nine' is not defined",
    "unloadable-entry: import broken.parts fails: ImportError: cannot import name 'gone' from 'broken' (broken/__init__.py)",
    'unloadable-entry: the program lost (broken.cli:start) fails: it has no start',
    'entries-left-out: of 8 modules 1 did not work here, perhaps on purpose',
  ]);
  expect(
    of('entries')
      .find(({ message }) => message.includes('SIGSEGV'))
      ?.evidence?.join('\n'),
  ).toContain('broken/crash.py", line 2');
  expect(messages(of('wheel'))[0]).toBe(
    'missing-license: its metadata names COPYING as its licence, which is not in the wheel',
  );
  expect(of('bin:fine')).toEqual([]);
  expect(messages(of('bin:crashing'))[0]).toMatch(
    /^forbidden-output: crashing --help printed a Python traceback.*KeyError/,
  );
});

test.runIf(isThorough)(
  'an extra that cannot be installed is found, and one that is for another system is not',
  async () => {
    await using rig = await Rig.create();
    const needing = (version: string) =>
      wheelOf({ name: 'needy', headers: [`Requires-Dist: one==${version}`] }, {});
    const elsewhere = wheelOf({ name: 'windowed' }, {});
    await using index = await PythonIndex.start([
      ...['1.0', '2.0'].map((version) => wheelOf({ name: 'one', version }, {})),
      needing('2.0'),
      { ...elsewhere, name: elsewhere.name.replace('py3-none-any', 'cp310-cp310-win_amd64') },
    ]);
    const extras = {
      both: ['one==1.0', 'needy'],
      dev: ['one==1.0', 'needy'],
      gone: ['nosuch'],
      well: ['needy'],
      windows: ['windowed'],
    };
    writeWheel(
      rig,
      {
        name: 'rich',
        headers: Object.entries(extras).flatMap(([extra, needed]) => [
          `Provides-Extra: ${extra}`,
          ...needed.map((each) => `Requires-Dist: ${each} ; extra == "${extra}"`),
        ]),
      },
      { 'rich/__init__.py': '' },
    );
    const { code, stdout } = await trial(rig, ['./rich-1.0-py3-none-any.whl', 'extras'], index.env);
    expect(code, stdout).toBe(1);
    const [component] = rig.report().components;
    expect(messages(component?.findings)).toEqual([
      'unresolvable-extra: rich[both] cannot be installed: its requirements exclude each other',
      'unresolvable-extra: rich[gone] cannot be installed: there is no nosuch',
      'unresolvable-extra: rich[dev] cannot be installed: its requirements exclude each other',
      'extra-elsewhere: rich[windows] cannot be installed here: windowed is for another Python or another system',
    ]);
    expect(component === undefined ? [] : cellOutcomes(component)).toEqual(['failed', 'note', 'passed']);

    const offline = await trial(rig, ['./rich-1.0-py3-none-any.whl', 'extras'], {
      PIP_NO_INDEX: '',
      PIP_INDEX_URL: 'http://127.0.0.1:9/',
      PIP_RETRIES: '0',
    });
    expect(offline.code, offline.stdout).toBe(3);
    expect(rig.report().components[0]?.findings).toMatchObject([{ code: 'extras-untried' }]);
  },
);

const TOUCHY = `
import ctypes, os, sys, warnings
if "state" in globals():
    os.abort()
state = []
assert state.append(1) is None
first = state[0]
if sys.flags.dev_mode:
    ctypes.string_at(0)
if os.environ.get("PYTHONHASHSEED"):
    raise ValueError("not in this order")
memory = ctypes.pythonapi
memory.PyMem_Malloc.restype, memory.PyMem_Malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
memory.PyMem_Free.restype, memory.PyMem_Free.argtypes = None, [ctypes.c_void_p]
block = memory.PyMem_Malloc(32)
if os.environ.get("PYTHONMALLOC"):
    ctypes.memset(block, 0, 33)
memory.PyMem_Free(block)
os.register_at_fork(after_in_child=os.abort)
warnings.warn("use something else", DeprecationWarning)
`;

test('a Python package that starts only as its authors start it is found, each time with the way it was started', async () => {
  await using rig = await Rig.create();
  writeWheel(rig, { name: 'touchy' }, { 'touchy/__init__.py': TOUCHY });
  const { code, stdout } = await trial(rig, ['./touchy-1.0-py3-none-any.whl', 'init']);
  expect(code, stdout).toBe(1);
  const found = rig.report().components[0]?.findings ?? [];
  // What the interpreter says at the end differs from version to version.
  const brief = found.map(({ step, hurts, message }) => [step, hurts?.text, message.split(': ')[0]]);
  expect(Object.fromEntries(brief.map(([step, ...rest]) => [step, rest]))).toEqual({
    fork: [
      'consumers who fork after they have imported it, as multiprocessing does',
      'fork was killed by SIGABRT (abort) while running child 1 of 4, forked after the import',
    ],
    again: ['consumers who reload it', 'again was killed by SIGABRT (abort) while reloading touchy'],
    optimized: ['consumers who run python -O', 'optimized exited with code 1 while importing touchy'],
    warnings: [undefined, 'the import of touchy fails where warnings are errors'],
    development: [
      'consumers who run python -X dev',
      'development was killed by SIGSEGV (segmentation fault) while importing touchy',
    ],
    'debug-memory': [
      'consumers who debug their memory with PYTHONMALLOC=debug',
      'debug-memory was killed by SIGABRT (abort) while importing touchy',
    ],
    'hash-seed': ['consumers who set PYTHONHASHSEED', 'hash-seed exited with code 1 while importing touchy'],
  });
});

test.runIf(isThorough)('a folder is built as its publishers would, and installed once', async () => {
  await using rig = await Rig.create();
  // A build backend of its own, which needs nothing that would have to be fetched.
  const { name, bytes } = wheelOf(SOUND_PARTS, SOUND);
  rig.write(
    'project/pyproject.toml',
    '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
  );
  rig.write('project/made', bytes);
  rig.write(
    'project/backend.py',
    `import shutil\ndef build_wheel(folder, config_settings=None, metadata_directory=None):\n    shutil.copy("made", folder + "/${name}")\n    return "${name}"\n`,
  );
  for (const outcome of ['done', 'cached']) {
    const { code, stdout } = await trial(rig, ['./project', 'entries']);
    expect(code, stdout).toBe(0);
    expect(rig.report().setup[0]?.outcome).toBe(outcome);
  }
  // The sdist that is made of it lacks what the build copies.
  const sdist = `def build_sdist(folder, config_settings=None):
    import tarfile
    with tarfile.open(folder + "/sound-1.0.tar.gz", "w:gz") as tar:
        for name in LIST:
            tar.add(name, "sound-1.0/" + name)
    return "sound-1.0.tar.gz"
`;
  const info = 'Metadata-Version: 2.1\nName: sound\nVersion: 1.0\n';
  rig.write('project/PKG-INFO', info);
  const backend = rig.read('project/backend.py');
  for (const [list, code] of [
    ['PKG-INFO pyproject.toml backend.py made', 0],
    ['PKG-INFO pyproject.toml backend.py', 1],
  ] as const) {
    rig.write('project/backend.py', `${backend}LIST = "${list}".split()\n${sdist}`);
    const env = { PIP_NO_INDEX: '0' };
    const tried = await trial(rig, ['./project', 'sdist'], env);
    expect(tried.code, tried.stdout).toBe(code);
    const codes = rig.report().components[0]?.findings.map((each) => each.code);
    expect(codes).toEqual(code === 0 ? [] : ['unbuildable-sdist']);
  }
  rig.write('project/package.json', '{ "name": "project" }');
  expect((await trial(rig, ['./project'])).code).toBe(2);
});

test('examples in docstrings are run from several threads, and what only threads meet is found', async () => {
  await using rig = await Rig.create();
  writeWheel(rig, { name: 'racy' }, { 'racy/__init__.py': '', 'racy/_core.py': SCRATCH });
  const { code, stdout } = await trial(rig, ['./racy-1.0-py3-none-any.whl', 'threads']);
  expect(code, stdout).toBe(1);
  const [threads] = rig.report().components;
  expect(threads?.findings).toMatchObject([
    {
      ...{ code: 'wrong-result', operation: 'racy._core.spell' },
      message: expect.stringMatching(/^the example of racy\._core\.spell \(racy\/_core\.py:5\) gives /),
      hurts: { who: 'some', text: 'consumers who call racy._core.spell from several threads' },
    },
  ]);
  expect(threads === undefined ? [] : cellOutcomes(threads)).toEqual(['failed', 'passed']);
});

test.runIf(isThorough)('a crash and a deadlock in threads fail a package, and their twins pass', async () => {
  await using rig = await Rig.create();
  const module = '__init__.py';
  writeWheel(
    rig,
    { name: 'ending' },
    { [`ending/${module}`]: '', 'ending/a.py': CRASH, 'ending/b.py': DEADLOCK },
  );
  writeWheel(rig, { name: 'sound' }, { [`sound/${module}`]: SOUND_IN_THREADS });
  const ending = await trial(rig, ['./ending-1.0-py3-none-any.whl', 'threads']);
  expect(ending.code, ending.stdout).toBe(1);
  expect(rig.report().components[0]?.findings.map(({ code }) => code)).toEqual([
    'thread-crash',
    'thread-hang',
  ]);
  const sound = await trial(rig, ['./sound-1.0-py3-none-any.whl', 'threads']);
  expect(sound.code, sound.stdout).toBe(0);
  expect(rig.report().components[0]?.findings).toEqual([]);
});

test('a package without examples has no threads to try, which is said', async () => {
  await using rig = await Rig.create();
  writeWheel(rig, { name: 'plain' }, { 'plain/__init__.py': 'answer = 42\n' });
  const { code } = await trial(rig, ['./plain-1.0-py3-none-any.whl', 'init', 'threads']);
  expect(code).toBe(2);
});
