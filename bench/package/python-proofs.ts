/** Why a finding is real: checked by hand, without Shakedown, and described for the document. */
import type { Proof } from './proofs.ts';

export const PYTHON_PROOFS: readonly Proof[] = [
  {
    spec: 'pypi:contourpy@1.3.3',
    finding: 'init: init-hang',
    proof:
      'With Python 3.11.7 this does not end: `python -c \'import _xxsubinterpreters as si; si.run_string(si.create(), "import contourpy")\'`. It was stopped after 100 s, in that call (`faulthandler.dump_traceback_later`). With `import numpy` in its place it ends within a second, so numpy, which contourpy needs, is not to blame.',
  },
  {
    spec: 'pypi:contourpy@1.3.3',
    finding: 'extras: extras-untried',
    proof:
      'Nothing about contourpy: pip had found no answer in time on a busy machine. Since this trial, that is a note.',
  },
  {
    spec: 'pypi:httpie@3.2.4',
    finding: 'entries: unloadable-entry',
    proof:
      "`python -c 'import httpie.output.lexers.http'` raises AttributeError: the file has `import pygments` alone, and uses `pygments.token`. Where httpie imports it itself, something else has imported `pygments.token` before.",
  },
  {
    spec: 'pypi:attrs@26.1.0',
    finding: 'types: wrong-signature',
    proof:
      "`attr/__init__.pyi` declares `asdict(…, tuple_keys: bool | None = ...)`. `attr.asdict(a, tuple_keys=True)` raises `TypeError: asdict() got an unexpected keyword argument 'tuple_keys'`.",
  },
  {
    spec: 'pypi:beautifulsoup4@4.15.0',
    finding: 'types: undeclared-name',
    proof:
      "`'HTMLParserTreeBuilder' in bs4.builder.__all__` is true, and `from bs4.builder import HTMLParserTreeBuilder` works: `register_treebuilders_from` puts it there when the module is imported, which no checker can see.",
  },
  {
    spec: 'pypi:jaraco.functools@4.6.0',
    finding: 'types: undeclared-name',
    proof:
      '`jaraco/functools/__init__.py` has `def passthrough`, `def none_as`, `def chainable` and `def noop`; `__init__.pyi` beside it, which checkers read in its place, has none of them.',
  },
  {
    spec: 'pypi:jaraco.functools@4.6.0',
    finding: 'extras: extras-untried',
    proof: 'Nothing about jaraco.functools: pip had found no answer in time on a busy machine.',
  },
  {
    spec: 'pypi:rpds-py@2026.9.1',
    finding: 'types: undeclared-name',
    proof:
      "`'Stack' in rpds.__all__` is true, and `rpds.Stack` is a class; `rpds/__init__.pyi` does not have that word.",
  },
  {
    spec: 'pypi:zstandard@0.25.0',
    finding: 'types: missing-name',
    proof:
      '`zstandard/__init__.pyi` declares each of them, and `hasattr(zstandard, …)` is false for `CompressionParameters`, `ZstdCompressionChunker`, `ZstdCompressionObj` and `ZstdDecompressionObj`, as `hasattr(zstandard.ZstdCompressionReader, "next")` is (`zstandard.backend` is `cext`).',
  },
  {
    spec: 'pypi:tokenizers@0.23.3',
    finding: 'types: undeclared-name',
    proof:
      '`tokenizers/normalizers/__init__.py` has `def unicode_normalizer_from_str`, which modules of the package itself import from there; `__init__.pyi` beside it, which checkers read in its place, does not have that word.',
  },
  {
    spec: 'pypi:grpcio@1.85.3',
    finding: 'extras: unresolvable-extra',
    proof:
      'Its metadata says `Requires-Dist: grpcio-tools>=1.85.3; extra == "protobuf"`. On the day of this trial `pip index versions grpcio-tools` names 1.85.1 as the newest, and `pip download "grpcio-tools>=1.85.3"` ends with `No matching distribution found`.',
  },
];
