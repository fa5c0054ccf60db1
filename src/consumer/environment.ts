/**
 * What code of a package that nobody has read yet gets to see of the environment: what programs need to be found, to
 * compile, to reach a proxy and to speak the user's language. Credentials have names without number, so what may pass
 * is listed, and not what may not.
 */
import type { Environment } from '../core/suite.ts';

const MAY_PASS = new RegExp(
  `^(?:${[
    'PATH|HOME|USER|LOGNAME|SHELL|PWD|TMPDIR|TMP|TEMP|XDG_\\w+',
    'LANG|LANGUAGE|LC_\\w+|TZ|TERM|COLORTERM|NO_COLOR|FORCE_COLOR|CI|NO_UPDATE_NOTIFIER',
    '(?:https?|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS',
    // How Node and Python are set up, and by whom.
    'NODE_(?:OPTIONS|PATH|ENV|COMPILE_CACHE|DISABLE_COMPILE_CACHE|V8_COVERAGE)|PYTHON\\w*|VIRTUAL_ENV',
    '(?:NVM|FNM|VOLTA|ASDF|MISE|PYENV|RUSTUP|CARGO|JAVA)_(?:DIR|HOME|ROOT|BIN|MULTISHELL_PATH)|GOPATH|GOROOT',
    'CC|CXX|CPP|AR|LD|MAKE|MAKEFLAGS|(?:C|CPP|CXX|LD)FLAGS|PKG_CONFIG\\w*|CPATH|LIBRARY_PATH|LD_LIBRARY_PATH|SDKROOT',
    // What npm tells its scripts of the package and of itself, and the marks of runs that it is part of.
    'INIT_CWD|NODE|npm_(?:config|package|lifecycle)_\\w+|npm_(?:command|execpath|node_execpath)|SHAKEDOWN_\\w+',
  ].join('|')})$`,
  'i',
);

/** Among what npm is set up by there are credentials. */
const CREDENTIAL = /^npm_.*(?:auth|token|passw|secret|_key|_cert|otp)/i;

export const mayPass = (name: string): boolean => MAY_PASS.test(name) && !CREDENTIAL.test(name);

/** The part of an environment that a stranger's code may see. */
export const strangersEnvironment = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => mayPass(name)));

/**
 * A shell for scripts that npm runs on installing: npm itself needs the credentials of registries, they do not.
 *
 * @param env that npm is started with
 * @returns the text of a program that is called like `sh`
 */
export function strangersShell(env: Environment): string {
  const withheld = Object.keys(env)
    .filter((name) => !mayPass(name))
    .map((name) => `-u '${name.replaceAll("'", "'\\''")}'`);
  return `#!/bin/sh\nexec env ${withheld.join(' ')} /bin/sh "$@"\n`;
}
