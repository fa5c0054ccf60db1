import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { LoadPlan, LoadRequest } from '../../../src/core/load.ts';
import { loaded, type Room, unloaded } from '../../../src/distributed/cargo.ts';
import { planFor } from '../load/plans.ts';

/** Text that hardly compresses, the same each time. */
const noise = (length: number, seed: string): string => {
  let text = '';
  for (let block = 0; text.length < length; block += 1)
    text += createHash('sha256').update(`${seed}${block}`).digest('base64url');
  return text.slice(0, length);
};

const ROOM: Room = { payload: 8000, piece: 3000, pieces: 100_000 };

function planWith(rows: number, bodies: readonly (string | null)[]): LoadPlan {
  const [request] = planFor('http://127.0.0.1:1').requests;
  const [first, ...rest] = bodies.map(
    (content, index): LoadRequest => ({
      ...request,
      path: `/${index}`,
      body: content === null ? null : { encoding: 'utf8', content },
    }),
  );
  return {
    ...planFor('http://127.0.0.1:1'),
    requests: [first ?? request, ...rest],
    data:
      rows === 0
        ? null
        : { columns: ['a'], rows: Array.from({ length: rows }, (_, row) => [noise(60, `row ${row} é`)]) },
  };
}

test('a plan that fits goes as it is', async () => {
  const plan = planWith(10, ['short']);
  expect(await unloaded(plan, ROOM)).toEqual({ ok: true, value: { plan, pieces: [] } });
});

test('the data and bodies of one that does not go in pieces, and it is the same again, key by key', async () => {
  for (const plan of [
    planWith(500, ['short']),
    planWith(0, [null, noise(30_000, 'body'), '']),
    planWith(300, [noise(9000, 'one'), null, noise(9000, 'two')]),
  ]) {
    const cargo = await unloaded(plan, ROOM);
    if (!cargo.ok) throw new Error(cargo.error.message);
    const { plan: bare, pieces } = cargo.value;
    expect(pieces.length).toBeGreaterThan(1);
    expect(JSON.stringify(bare).length).toBeLessThan(ROOM.payload);
    for (const { content, hash } of pieces) {
      expect(content.length).toBeLessThanOrEqual((ROOM.piece * 4) / 3 + 4);
      expect(hash).toBe(createHash('sha256').update(content).digest('hex'));
    }
    const whole = await loaded(
      bare,
      pieces.map(({ content }) => content),
    );
    // The hash of a plan is that of its text.
    expect(JSON.stringify(whole)).toBe(JSON.stringify(plan));
  }
});

test('the same data is in the same pieces, whatever else the plan says', async () => {
  const hashes = async (plan: LoadPlan) => {
    const cargo = await unloaded(plan, ROOM);
    return cargo.ok ? cargo.value.pieces.map(({ hash }) => hash) : [];
  };
  const plan = planWith(500, ['short']);
  expect(await hashes({ ...plan, seed: 17, workers: 3 })).toEqual(await hashes(plan));
  expect(await hashes(planWith(501, ['short']))).not.toEqual(await hashes(plan));
});

test('what is too large all the same is refused, and what to shorten is named', async () => {
  const refused = async (plan: LoadPlan, room: Room) => {
    const cargo = await unloaded(plan, room);
    return cargo.ok ? undefined : `${cargo.error.message}; ${cargo.error.hint}`;
  };
  const room = { ...ROOM, pieces: 20_000 };
  expect(await refused(planWith(2000, ['short']), room)).toMatch(
    /^this load is too large to be handed to agents: 0\.1 MB when compressed, at most 0\.0 MB; take fewer rows of data: there are 2000, of 0\.1 MB$/,
  );
  expect(await refused(planWith(1, [noise(60_000, 'body')]), room)).toMatch(
    /; shorten the bodies of its requests, which have 0\.1 MB$/,
  );
  const plan = planWith(1, ['short']);
  expect(await refused({ ...plan, tls: { ...plan.tls, ca: noise(50_000, 'pem') } }, ROOM)).toMatch(
    /compressed without data and bodies, .*; shorten its certificates, which have 0\.0 MB$/,
  );
});
