/** What is shown of the machines that sent a load together. */
import { describe, expect, test } from 'vitest';
import type { LoadAgent } from '../../../../src/core/load-agent.ts';
import { loadJson } from '../../../../src/load/report/json.ts';
import { loadText, measureText } from '../../../../src/load/report/text.ts';
import { agentsTable } from '../../../../src/report/html/load/tables.ts';
import { createPaint } from '../../../../src/text/paint.ts';
import { RESPONSE, resultOf } from '../../load/results.ts';

const PLAIN = createPaint(false);

const agent = (part: number, more: Partial<LoadAgent> = {}): LoadAgent => ({
  ...{
    part,
    name: `machine-${part}`,
    fate: 'finished',
    cores: 4,
    threads: 2,
    sent: 12_345,
    achieved: 6172.5,
  },
  ...{ serviceUs: RESPONSE, cpuMs: 900, busiest: 0.45, lateMs: 0, saturated: false },
  ...more,
});

const LOST = agent(1, { fate: 'lost', sent: 7000, lateMs: 12.4, saturated: true, busiest: 1 });
const MISSING = agent(2, {
  ...{ name: 'spot', fate: 'missing', cores: null, threads: 0, sent: 0, achieved: 0 },
  ...{ serviceUs: null, cpuMs: 0, busiest: 0 },
});

const tableOf = (agents: readonly LoadAgent[]): string[] => {
  const lines = measureText(resultOf({ agents }), [], PLAIN);
  const from = lines.findIndex((line) => line.startsWith('  agent'));
  return from === -1 ? [] : lines.slice(from);
};

describe('agents', () => {
  test('have a row each, which says what became of them', () => {
    expect(tableOf([agent(0), LOST, MISSING])).toMatchInlineSnapshot(`
      [
        "  agent          sent     rate      p50      p99  busiest     late",
        "  machine-0    12,345  6,173/s  25.5 ms  49.5 ms     45 %        –",
        "  machine-1     7,000  6,173/s  25.5 ms  49.5 ms    100 %  12.4 ms  fell silent, the bottleneck",
        "  spot              0      0/s        –        –      0 %        –  never sent",
        "  service times; busiest: the share of its time that the busiest thread worked",
      ]
    `);
  });

  test('of a load that was sent from one machine are not shown', () => {
    expect(measureText(resultOf(), [], PLAIN).join('\n')).not.toContain('busiest');
    expect(loadJson(resultOf())).not.toContain('agents');
  });

  test('that are many: those with trouble, and the first', () => {
    const many = Array.from({ length: 50 }, (_, part) => agent(part, part === 49 ? { fate: 'left' } : {}));
    const lines = tableOf(many);
    expect(lines).toHaveLength(1 + 20 + 2);
    expect(lines[19]).toMatch(/^ {2}machine-18 /);
    expect(lines[20]).toMatch(/^ {2}machine-49 .*ended early$/);
    expect(lines[21]).toBe('  and 30 more: in the JSON');
  });

  test('cannot take over a terminal or a page by their names', () => {
    const hostile = agent(0, { name: '\u001b[2J<script>' });
    expect(loadText(resultOf({ agents: [hostile] }), PLAIN).join('\n')).not.toContain('\u001b');
    expect(String(agentsTable(resultOf({ agents: [hostile] })))).not.toContain('<script>');
  });

  test('are in the JSON with all that is known, and have a table on the page', () => {
    const result = resultOf({ agents: [agent(0), LOST, MISSING] });
    expect(JSON.parse(loadJson(result)).agents[2]).toMatchObject({ fate: 'missing', cores: null });
    expect(String(agentsTable(result))).toMatch(/machine-1.*12\.4 ms.*fell silent, the bottleneck/s);
    expect(agentsTable(resultOf())).toBeUndefined();
  });
});
