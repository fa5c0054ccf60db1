import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@playwright/test';

test('client', async () => {
  const client = spawn('./client', [process.env.PORT], { stdio: 'inherit' });
  const [code] = await once(client, 'exit');
  expect(code).toBe(0);
});
