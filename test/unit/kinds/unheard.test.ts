/** What is said of errors that a script loses. */
import { expect, test } from 'vitest';
import { lostErrors } from '../../../src/kinds/common/unheard.ts';

const LOST = { count: 1, first: ['Error: lost'] };

test('the hint is about the language of the script', () => {
  const hintFor = (runtime: 'python' | 'node') => lostErrors('thread', runtime, LOST)[0]?.hint;
  expect(hintFor('python')).toMatch(/^ask every future for its result/);
  expect(hintFor('node')).toMatch(/^await every promise .* every worker$/);
  expect(hintFor('node')).not.toContain('future');
});
