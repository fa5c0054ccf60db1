/**
 * The environment for untrusted package code: what programs need to find each other, compile, reach a proxy and speak
 * the user's language. It is an allowlist, as credentials can have any name.
 */
import type { Environment } from '../core/suite.ts';

const MAY_PASS = new RegExp(
  `^(?:${[
    'PATH|HOME|USER|LOGNAME|SHELL|PWD|TMPDIR|TMP|TEMP|XDG_\\w+',
    'LANG|LANGUAGE|LC_\\w+|TZ|TERM|COLORTERM|NO_COLOR|FORCE_COLOR|CI|NO_UPDATE_NOTIFIER',
    '(?:https?|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS',
    // Configuration of Node and Python, and their version managers.
    'NODE_(?:OPTIONS|PATH|ENV|COMPILE_CACHE|DISABLE_COMPILE_CACHE|V8_COVERAGE)|PYTHON\\w*|VIRTUAL_ENV',
    '(?:NVM|FNM|VOLTA|ASDF|MISE|PYENV|RUSTUP|CARGO|JAVA)_(?:DIR|HOME|ROOT|BIN|MULTISHELL_PATH)|GOPATH|GOROOT',
    'CC|CXX|CPP|AR|LD|MAKE|MAKEFLAGS|(?:C|CPP|CXX|LD)FLAGS|PKG_CONFIG\\w*|CPATH|LIBRARY_PATH|LD_LIBRARY_PATH|SDKROOT',
    // What npm passes to its scripts, and Shakedown's own variables.
    'INIT_CWD|NODE|npm_(?:config|package|lifecycle)_\\w+|npm_(?:command|execpath|node_execpath)|SHAKEDOWN_\\w+',
  ].join('|')})$`,
  'i',
);

/** npm's configuration includes credentials. */
const CREDENTIAL = /^npm_.*(?:auth|token|passw|secret|_key|_cert|otp)/i;

export const mayPass = (name: string): boolean => MAY_PASS.test(name) && !CREDENTIAL.test(name);

/** The part of an environment that untrusted code may see. */
export const strangersEnvironment = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => mayPass(name)));

const inQuotes = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * A shell for install scripts that hides credentials from them: npm itself needs those for the registry.
 *
 * @param env npm's own environment
 * @param record absolute path of a file in which it notes which scripts have begun and ended
 * @param node absolute path of the folder of the Node that scripts use; by default npm's own
 * @returns the source of a program that is called like `sh`
 */
export function strangersShell(env: Environment, record: string, node?: string): string {
  const withheld = Object.keys(env)
    .filter((name) => !mayPass(name))
    .map((name) => `-u ${inQuotes(name)}`);
  const other = node === undefined ? '' : `PATH=${inQuotes(node)}:"$PATH" `;
  const note = (what: string): string =>
    `echo "${what} $npm_package_name $npm_lifecycle_event" >>${inQuotes(record)}`;
  return [
    '#!/bin/sh',
    note('begun'),
    `env ${withheld.join(' ')} ${other}/bin/sh "$@"`,
    'code=$?',
    note('ended'),
    'exit $code',
    '',
  ].join('\n');
}
