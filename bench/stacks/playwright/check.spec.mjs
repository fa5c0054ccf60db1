import { spawnSync } from 'node:child_process';
import { expect, test } from '@playwright/test';

test('the API is up', () => {
  expect(spawnSync('node', ['../check.mjs'], { cwd: import.meta.dirname, stdio: 'inherit' }).status).toBe(0);
});
