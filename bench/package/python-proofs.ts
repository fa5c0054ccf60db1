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
];
