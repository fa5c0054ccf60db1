/** The environments in which a Python package is installed and tried: nothing of the user's own Python is in them. */
import type { Environment } from '../../core/suite.ts';
import { strangersEnvironment } from '../environment.ts';

/** What would change how Python starts, what it finds, or where it installs. */
const OF_PYTHON = /^(?:PYTHON\w*|VIRTUAL_ENV\w*|CONDA_\w+|PIP_\w+|UV_\w+|__PYVENV_LAUNCHER__)$/;

/** Where packages come from, and nothing of what would change which are installed or where. */
const OF_INDEXES =
  /^(?:PIP_(?:INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|TRUSTED_HOST|CERT|CLIENT_CERT|PROXY|TIMEOUT|DEFAULT_TIMEOUT|RETRIES|CACHE_DIR|CONFIG_FILE|KEYRING_PROVIDER)|UV_(?:INDEX\w*|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|INSECURE_HOST|NATIVE_TLS|HTTP_TIMEOUT|CACHE_DIR|CONFIG_FILE|KEYRING_PROVIDER|OFFLINE|PYTHON_INSTALL_DIR))$/;

const only = (env: Environment, isKept: (name: string) => boolean): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => isKept(name)));

/** For code of the package: no credentials, and of Python only what its virtual environment has. */
export const pythonStrangers = (env: Environment): Environment => ({
  ...only(strangersEnvironment(env), (name) => !OF_PYTHON.test(name)),
  PYTHONNOUSERSITE: '1',
});

/** What says to pip and uv where packages come from, maybe with credentials. */
export const indexSettings = (env: Environment): Environment => only(env, (name) => OF_INDEXES.test(name));

/** For pip and uv, and for what builds a package, which they start. */
export const installerEnvironment = (env: Environment): Environment => ({
  ...pythonStrangers(env),
  ...indexSettings(env),
  PIP_NO_INPUT: '1',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
});

/** For the Python that the user has chosen, to make a virtual environment: version managers read variables of theirs. */
export const chosenPython = (env: Environment): Environment =>
  only(env, (name) => !/^(?:PYTHON\w*|__PYVENV_LAUNCHER__)$/.test(name));
