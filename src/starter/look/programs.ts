/** Servers in Go, Rust and PHP: what builds them, what they are called, and what their sources reveal. */
import { findProgram } from '../../files/find-program.ts';
import type { OtherFacts, TestSigns } from '../facts.ts';
import { NO_TEST_SIGNS, serverSigns, testSigns } from './signs.ts';
import type { Source, Tree } from './tree.ts';

/** A Go module: the package with a server in it. */
function lookAtGo(tree: Tree, path: string | undefined): OtherFacts | undefined {
  if (!tree.isFile('go.mod')) return undefined;
  const files = tree.sources(tree.files(/\.go$/));
  const isTest = ({ path: file }: Source): boolean => file.endsWith('_test.go');
  const written = files.filter((file) => !isTest(file));
  const server = serverSigns(written);
  const mains = written.filter(({ text }) => /^package main\b/m.test(text) && /^func main\(\)/m.test(text));
  const folders = [...new Set(mains.map(({ path: file }) => file.replace(/\/?[^/]*$/, '') || '.'))];
  const main = folders.find((folder) => /server|api|web|http/.test(folder)) ?? folders[0];
  const target = main === undefined ? null : main === '.' ? '.' : `./${main}`;
  return {
    language: 'go',
    hasTool: findProgram('go', path) !== undefined,
    target: server.serves ? target : null,
    server,
    tests: signsOf(files.filter((file) => isTest(file) && !isTagged(file))),
  };
}

/** The common ones of the tags that Go sets by itself. */
const GO_TAGS =
  /^(?:unix|linux|darwin|windows|freebsd|netbsd|openbsd|android|ios|js|wasm|amd64|arm|arm64|386|riscv64|cgo|gc|go1\.\d+)$/;

/** Whether a file is compiled only with `-tags`. */
function isTagged({ text }: Source): boolean {
  const constraint =
    text
      .split('\n')
      .find((line) => /^\/\/go:build\s/.test(line))
      ?.slice('//go:build'.length) ?? '';
  return [...constraint.matchAll(/(!?)\b([\w.]{1,40})/g)].some(
    ([, not, tag = '']) => not === '' && !GO_TAGS.test(tag),
  );
}

/** A crate: the name of its binary. */
function lookAtRust(tree: Tree, path: string | undefined): OtherFacts | undefined {
  const manifest = tree.text('Cargo.toml');
  if (manifest === undefined || /\bpyo3\b|\bnapi\b/.test(manifest)) return undefined;
  const files = tree.sources(tree.files(/\.rs$/));
  const isTest = ({ path: file }: Source): boolean => file.startsWith('tests/');
  const server = serverSigns(files.filter((file) => !isTest(file)));
  const [, named] = /^\[\[bin\]\][^[]{0,400}?\bname\s?=\s?"([\w-]{1,80})"/m.exec(manifest) ?? [];
  const [, crate] = /^\[package\][^[]{0,400}?\bname\s?=\s?"([\w-]{1,80})"/m.exec(manifest) ?? [];
  const isProgram = tree.isFile('src/main.rs') || named !== undefined;
  const testing = files.filter(({ text }) => /#\[(?:\w{1,20}::)?test\b/.test(text));
  return {
    language: 'rust',
    hasTool: findProgram('cargo', path) !== undefined,
    target: server.serves && isProgram ? (named ?? crate ?? null) : null,
    server,
    tests: signsOf(
      testing.map((source) => (isTest(source) ? source : { ...source, text: testsIn(source.text) })),
    ),
  };
}

/** The tests within a file, which are at its end. */
const testsIn = (text: string): string => text.slice(Math.max(0, text.indexOf('#[cfg(test)]')));

const signsOf = (files: readonly Source[]): TestSigns | null =>
  files.length === 0 ? null : testSigns(files);

/** The folder that PHP's built-in server serves. */
function lookAtPhp(tree: Tree, path: string | undefined): OtherFacts | undefined {
  const target = ['public', 'web', '.'].find((dir) =>
    tree.isFile(dir === '.' ? 'index.php' : `${dir}/index.php`),
  );
  if (target === undefined && !tree.isFile('composer.json')) return undefined;
  const tests = tree.has('phpunit.xml') || tree.has('phpunit.xml.dist') ? NO_TEST_SIGNS : null;
  return {
    language: 'php',
    hasTool: findProgram('php', path) !== undefined,
    target: target ?? null,
    server: {
      serves: target !== undefined,
      port: { type: 'variable', name: 'PORT' },
      built: null,
      paths: [],
    },
    tests: tests !== null && tree.isFile('vendor/bin/phpunit') ? tests : null,
  };
}

export const lookAtOthers = (tree: Tree, path: string | undefined): OtherFacts[] =>
  [lookAtGo, lookAtRust, lookAtPhp].flatMap((look) => look(tree, path) ?? []);
