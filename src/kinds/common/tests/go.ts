/** `go test -v`. Without `-v` it does not say which tests passed, nor how many. */
import { GoPackage, GoSession } from './go-tests.ts';
import type { KnownRunner, TestReader } from './reader.ts';

const MARK = /^=== (RUN|CONT|PAUSE|NAME) +(\S+)$/;
const RESULT = /^ *--- (PASS|FAIL|SKIP): (\S+) \((\d[\d.]*)s\)$/;
const PACKAGE = /^(ok {2}|FAIL)\t(\S+)(?:[\t ](.*))?$/;
const OUTCOMES = { PASS: 'passed', FAIL: 'failed', SKIP: 'skipped' } as const;

function read(): TestReader {
  const session = new GoSession();
  let tests = new GoPackage();
  let current = '';
  let isVerbose = false;
  const mark = (word: string, name: string): void => {
    isVerbose = true;
    current = name;
    if (word === 'RUN') tests.run(name);
  };
  const endPackage = (isOk: boolean, name: string, rest: string): void => {
    const why = rest.startsWith('[') ? rest.replaceAll(/[[\]]/g, '') : 'it failed, and none of its tests';
    session.add(tests.end(name, isOk ? 'passed' : 'failed', why));
    tests = new GoPackage();
  };
  return {
    line: (text, at) => {
      const [, word, marked] = MARK.exec(text) ?? [];
      const [, result, name, seconds] = RESULT.exec(text) ?? [];
      const [, end, path, rest = ''] = PACKAGE.exec(text) ?? [];
      if (word !== undefined && marked !== undefined) mark(word, marked);
      else if (result !== undefined && name !== undefined)
        tests.finish(name, OUTCOMES[result as keyof typeof OUTCOMES], Number(seconds) * 1000);
      else if (end !== undefined && path !== undefined) {
        endPackage(end !== 'FAIL', path, rest);
        if (end === 'FAIL') session.summary = `FAIL\t${path}`;
      } else {
        tests.print(current, text);
        return;
      }
      session.seen(at);
    },
    end: () => {
      const isComplete = tests.isEmpty;
      if (!isComplete) session.add(tests.end('', undefined, ''));
      // Without `-v` there were tests, and nobody knows which.
      return isVerbose ? session.sessions(isComplete) : session.unknown();
    },
  };
}

export const GO: KnownRunner = { signs: ['=== RUN   ', 'ok  \t', 'FAIL\t'], read };
