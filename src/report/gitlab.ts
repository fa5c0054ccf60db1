/** What is wrong, for GitLab's code quality: a JSON array in the format that it takes from Code Climate. */
import { createHash } from 'node:crypto';
import { toJson, visibleAll } from '../core/harmless.ts';
import { shorten } from '../core/shorten.ts';
import type { Problem } from './problems.ts';

const LONGEST = 1000;

/** GitLab links to a file of the repository; this one is in most, should nothing else be known. */
const LAST_RESORT = '.gitlab-ci.yml';

const severityOf = ({ level, code }: Problem): 'critical' | 'major' | 'minor' =>
  level === 'error' ? 'critical' : code === 'flaky' ? 'minor' : 'major';

/** The same in each run, wherever the line is by then, and whatever numbers the message has. */
const fingerprintOf = ({ of, code, subject }: Problem, nth: number): string =>
  createHash('sha256')
    .update(JSON.stringify([of, code, subject, nth]))
    .digest('hex');

export function gitlabReport(problems: readonly Problem[]): string {
  const seen = new Map<string, number>();
  const issues = visibleAll(problems).map((problem) => {
    const { of, code, subject, message, hint, place } = problem;
    const key = JSON.stringify([of, code, subject]);
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    // Most messages begin with the name already.
    const what = message.startsWith(`${of} `) ? message : `${of}: ${message}`;
    const text = [what, ...(hint === undefined ? [] : [hint])].join('; ');
    return {
      description: shorten(text, LONGEST),
      check_name: `shakedown/${code}`,
      fingerprint: fingerprintOf(problem, nth),
      severity: severityOf(problem),
      location: { path: place?.file ?? LAST_RESORT, lines: { begin: place?.line ?? 1 } },
    };
  });
  return `${toJson(issues, undefined, 2)}\n`;
}
