/** The program that a process of a trial from several threads runs: it does what the request says, and ends. */
import { readFileSync } from 'node:fs';
import type { HarnessRequest } from '../protocol.ts';
import { runCell } from './cell.ts';
import { watchMemory } from './leak.ts';
import { survey } from './survey.ts';

const [, , file = ''] = process.argv;
const request = JSON.parse(readFileSync(file, 'utf8')) as HarnessRequest;
switch (request.type) {
  case 'survey':
    await survey(request);
    break;
  case 'cell':
    await runCell(request);
    break;
  case 'leak':
    await watchMemory(request);
    break;
}
