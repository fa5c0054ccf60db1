/** What was found in a project, as plain data: `look` gathers it, and `propose` decides by nothing else. */

/** How a program learns, or decides, which port it listens on. */
export type PortSign =
  /** It reads a variable of its environment. */
  | { readonly type: 'variable'; readonly name: string }
  /** It takes an argument; `flag` is what precedes the number. */
  | { readonly type: 'flag'; readonly flag: string }
  /** It always uses this one. */
  | { readonly type: 'fixed'; readonly port: number }
  | { readonly type: 'unknown' };

/** What the sources of a server reveal. */
export interface ServerSigns {
  /** They start a server somewhere. */
  readonly serves: boolean;
  readonly port: PortSign;
  /** The build folder that it reads from; null: none. */
  readonly built: string | null;
  /** Paths that answer GET, as far as the sources contain them. */
  readonly paths: readonly string[];
}

/** What the sources of tests reveal. */
export interface TestSigns {
  /** Some of them need a server that they do not start. */
  readonly needsServer: boolean;
  /** Some of them start a server, or the app without one. */
  readonly startsOwn: boolean;
  /** The variable that they take the address from, other than PORT. */
  readonly variable: string | null;
  /** The port that they contain; null if a variable decides. */
  readonly port: number | null;
  /** The file that shows this, relative to the project. */
  readonly because: string | null;
}

/** A folder of scripts by convention. */
export interface ScriptFolder {
  /** Relative to the project. */
  readonly dir: string;
  /** Conventional files that can be used: `setup`, `thread`, `http`, `client`, `init`, `typestubs.py`, `typestubs.ts`. */
  readonly files: readonly string[];
  /** Why others cannot, for display. */
  readonly unusable: readonly string[];
  /** What runs `thread`, if errors that it never retrieves can be found. */
  readonly thread: 'python' | 'node' | null;
  /** It has its own package programs, in `node_modules/.bin`. */
  readonly hasOwnBin: boolean;
  /** Node packages and Python modules that its files import, by package name. */
  readonly imports: readonly string[];
  /** Its files use the Node package that they are in. */
  readonly usesPackage: boolean;
  /** The part of that package that a build makes, relative to the project: it is missing, or git ignores it. Null: nothing. */
  readonly built: { readonly path: string; readonly isThere: boolean } | null;
}

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'yarn-berry' | 'bun';

/** Whether what is installed is what the project requires. */
export type Installed =
  | { readonly state: 'matches' }
  | { readonly state: 'missing' }
  /** @param why the first difference, in words */
  | { readonly state: 'differs'; readonly why: string };

/** A script of `package.json` that tests something. */
export interface TestScript {
  readonly name: string;
  readonly text: string;
  readonly signs: TestSigns;
}

/** A script that prepares a database. */
export interface DataScript {
  /** Its name in `package.json`; for Python its path. */
  readonly name: string;
  readonly kind: 'migrate' | 'seed';
  /** It can be run again on its own data. */
  readonly isRepeatable: boolean;
  /** Its own files, as far as its line names them. */
  readonly files: readonly string[];
}

/** A Node package. */
export interface NodeFacts {
  /** Relative to the project; `.` for the project itself. */
  readonly dir: string;
  readonly name: string | null;
  readonly manager: PackageManager;
  /** The manager's program is on the PATH. */
  readonly hasManager: boolean;
  /** The lock file, relative to the package. */
  readonly lockFile: string | null;
  readonly installed: Installed;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: readonly string[];
  readonly server: ServerSigns;
  /** If no script starts a server: a file that does, relative to the package. */
  readonly entry: string | null;
  readonly tests: readonly TestScript[];
  readonly data: readonly DataScript[];
  /** Files and folders at the top that a build may depend on. */
  readonly sources: readonly string[];
  /** An addon in C or C++: whether it has been built. Null: there is none. */
  readonly addon: { readonly isBuilt: boolean; readonly sources: readonly string[] } | null;
}

/** How a Python app is served. */
export interface PythonApp {
  readonly framework: 'flask' | 'fastapi' | 'asgi' | 'wsgi' | 'django' | 'script';
  /** `package.module`, or the path of a script. */
  readonly module: string;
  /** The name of the app in the module, or of the function that makes it. */
  readonly variable: string;
  readonly isFactory: boolean;
  /** The folder that modules are imported from, if that is not the project itself. */
  readonly folder: string | null;
}

export interface PythonTests {
  readonly runner: 'pytest' | 'unittest' | 'django';
  /** The project requires the runner. */
  readonly isAsked: boolean;
  /** The folder that contains them all; null: there is none. */
  readonly folder: string | null;
  readonly signs: TestSigns;
}

export interface PythonFacts {
  /** As a config writes it: `.venv/bin/python`, `python`, `python3`; null: there is none. */
  readonly interpreter: string | null;
  /** The folder of the virtual environment. */
  readonly venv: string | null;
  /** The files that list dependencies: `requirements.txt`, `pyproject.toml`, `uv.lock`, … */
  readonly requirements: readonly string[];
  readonly tool: 'pip' | 'uv' | 'poetry';
  /** Names of distributions that are needed. */
  readonly dependencies: readonly string[];
  readonly installed: Installed;
  readonly app: PythonApp | null;
  readonly server: ServerSigns;
  /** Those of gunicorn, uvicorn and the like that are installed, or will be. */
  readonly servers: readonly string[];
  readonly tests: PythonTests | null;
  /** The project's extra that its tests need. */
  readonly extra: string | null;
  /** What the shell has in PYTHONPATH: folders of the project, relative to it, and others. */
  readonly searched: { readonly own: readonly string[]; readonly foreign: readonly string[] };
  /** It can be installed itself. */
  readonly isPackage: boolean;
  /** The project itself is compiled. */
  readonly extension: 'setuptools' | 'maturin' | 'meson' | null;
  /** A compiled module within the project that git ignores: a clone does not have it. */
  readonly ignoredModule: string | null;
  /** Its interpreter can compile such a module in place, by setup.py. */
  readonly buildsInPlace: boolean;
  /** What migrates its database. */
  readonly migrations: 'django' | 'alembic' | 'flask-migrate' | null;
  /** Its own scripts that prepare data. */
  readonly data: readonly DataScript[];
  /** Folders and files that its own build depends on. */
  readonly sources: readonly string[];
}

/** A server in another language. */
export interface OtherFacts {
  readonly language: 'go' | 'rust' | 'php';
  /** What builds or runs it is on the PATH. */
  readonly hasTool: boolean;
  /** What is run: a Go package, a Cargo binary, a PHP folder. */
  readonly target: string | null;
  readonly server: ServerSigns;
  readonly tests: TestSigns | null;
}

/** A target of a Makefile. */
export interface MakeTarget {
  readonly name: string;
  /** What its recipe amounts to, without commands that only print something. */
  readonly commands: readonly string[];
  readonly signs: TestSigns;
}

/** A line of a Procfile. */
export interface ProcessType {
  readonly line: string;
  /** The program that it starts with, if that is not installed; otherwise null. */
  readonly lacking: string | null;
}

/** A project, in all its languages. */
export interface ProjectFacts {
  readonly scripts: ScriptFolder | null;
  readonly node: NodeFacts | null;
  /** Packages of a monorepo. */
  readonly packages: readonly NodeFacts[];
  readonly python: PythonFacts | null;
  readonly others: readonly OtherFacts[];
  /** The process types of a Procfile. */
  readonly procfile: Readonly<Record<string, ProcessType>>;
  readonly make: readonly MakeTarget[];
  /** The compose file and its services. */
  readonly compose: { readonly file: string; readonly services: readonly string[] } | null;
}
