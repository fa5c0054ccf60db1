// The failed tests of a run by Vitest, and why: node scripts/failed-tests.mjs RESULTS.json
// A few lines each, for the end of a log, where the whole story stands far above.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const told = 12;

/** @param {string} text what was thrown @returns {string} its first lines, indented */
const cause = (text) =>
  stripVTControlCharacters(text)
    .split('\n')
    .slice(0, told)
    .map((line) => `    ${line.slice(0, 240)}`)
    .join('\n');

const results = JSON.parse(readFileSync(process.argv[2], 'utf8'));
for (const file of results.testResults) {
  const name = relative(process.cwd(), file.name);
  const failed = file.assertionResults.filter((test) => test.status === 'failed');
  for (const test of failed) {
    console.log(`FAILED: ${name}: ${test.fullName}\n${cause(test.failureMessages.join('\n'))}`);
  }
  if (file.status === 'failed' && failed.length === 0) {
    console.log(`FAILED: ${name} did not begin\n${cause(file.message ?? '')}`);
  }
}
