/** Which tiers this machine permits: asked of the program itself. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TIER_CHOICES, type TierChoice } from '../src/core/ownership.ts';
import type { Say } from './daemons.ts';
import { shakedownCommand } from './subject.ts';
import { removeFolder } from './survey.ts';

/** A tier, and the words that ask for it. */
export interface Tier {
  readonly name: TierChoice;
  readonly flags: readonly string[];
}

const LIMIT = 30_000;

/** The exit code for what cannot be asked for. */
const USAGE = 2;

export function permittedTiers(say: Say): Tier[] {
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-chaos-'));
  writeFileSync(
    join(folder, 'shakedown.config.json'),
    JSON.stringify({ components: { probe: { kind: 'command', run: 'echo there' } } }),
  );
  const tiers = TIER_CHOICES.flatMap((name): Tier[] => {
    const [program = '', ...args] = shakedownCommand('shakedown.config.json', [
      ...['--ownership', name],
      ...['--report', 'json'],
    ]);
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: LIMIT,
    });
    if (status === 0) {
      const { ownership } = JSON.parse(stdout) as { ownership: { tier: string } };
      if (ownership.tier !== name) throw new Error(`asked for ${name}, Shakedown uses ${ownership.tier}`);
      return [{ name, flags: ['--ownership', name] }];
    }
    if (status !== USAGE) throw new Error(`a run in tier ${name} has failed: ${stderr.trim()}`);
    say(`SKIPPED: tier ${name}: ${stderr.trim()}`);
    return [];
  });
  removeFolder(folder);
  return tiers;
}
