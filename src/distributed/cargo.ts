/** The data and bodies of a plan: too large for one payload, they go in pieces, which agents fetch by the hash of their content. */
import { createHash } from 'node:crypto';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { LoadData, LoadPlan, LoadRequest } from '../core/load.ts';
import { err, ok, type Result } from '../core/result.ts';
import { packed, sizeOnTheWay, unpacked } from './codec.ts';

/** In bytes, when compressed. */
export interface Room {
  /** For a payload: what the server takes, less what it adds. */
  readonly payload: number;
  readonly piece: number;
  /** For all pieces: each agent fetches and keeps them. */
  readonly pieces: number;
}

const MB = 1024 * 1024;
export const ROOM: Room = { payload: 1.9 * MB, piece: 1.5 * MB, pieces: 48 * MB };

/** What is taken out of a plan, in its order. */
interface Cargo {
  readonly rows: LoadData['rows'];
  readonly bodies: readonly string[];
}

export interface Piece {
  /** SHA-256 of its content. */
  readonly hash: string;
  readonly content: string;
}

const cargoOf = ({ data, requests }: LoadPlan): Cargo => ({
  rows: data?.rows ?? [],
  bodies: requests.map(({ body }) => body?.content ?? ''),
});

/** @returns the plan with other data and bodies */
function withCargo(plan: LoadPlan, { rows, bodies }: Cargo): LoadPlan {
  const [first, ...rest] = plan.requests.map(
    (request, place): LoadRequest =>
      request.body === null
        ? request
        : { ...request, body: { ...request.body, content: bodies[place] ?? '' } },
  );
  return {
    ...plan,
    requests: [first as LoadRequest, ...rest],
    data: plan.data === null ? null : { ...plan.data, rows },
  };
}

const hashOf = (content: string): string => createHash('sha256').update(content).digest('hex');

const megabytes = (bytes: number): string => `${(bytes / MB).toFixed(1)} MB`;

function tooLarge({ data, requests }: LoadPlan, size: number, room: number): Diagnostic {
  const bodies = JSON.stringify(requests).length;
  const rows = data === null ? 0 : JSON.stringify(data.rows).length;
  const hint =
    rows > bodies
      ? `take fewer rows of data: there are ${data?.rows.length}, of ${megabytes(rows)}`
      : `shorten the bodies of its requests, which have ${megabytes(bodies)}`;
  const message = `this load is too large to be handed to agents: ${megabytes(size)} when compressed, at most ${megabytes(room)}`;
  return { message, hint };
}

/** What is too large though nothing of it is data or a body. */
function tooLargeBesides(plan: LoadPlan, size: number, room: number): Diagnostic {
  const { requests, scenario, channel, tls } = plan;
  const parts = { requests, scenario, channel, certificates: tls };
  const [largest] = Object.entries(parts)
    .map(([name, part]) => [name, JSON.stringify(part).length] as const)
    .sort(([, one], [, other]) => other - one);
  return {
    message: `this load is too large to be handed to agents: ${megabytes(size)} when compressed without data and bodies, at most ${megabytes(room)}`,
    hint: `shorten its ${largest?.[0]}, which have ${megabytes(largest?.[1] ?? 0)}`,
  };
}

/**
 * @returns a plan that fits into a payload, and the pieces with what it lacks: none if it fits as it is; or what has to be shortened
 */
export async function unloaded(
  plan: LoadPlan,
  room: Room = ROOM,
): Promise<Result<{ readonly plan: LoadPlan; readonly pieces: readonly Piece[] }, Diagnostic>> {
  if ((await sizeOnTheWay(plan)) <= room.payload) return ok({ plan, pieces: [] });
  const cargo = cargoOf(plan);
  const bare = withCargo(plan, { rows: [], bodies: [] });
  const size = await sizeOnTheWay(bare);
  if (size > room.payload) return err(tooLargeBesides(bare, size, room.payload));
  const bytes = await packed(cargo);
  if (bytes.length > room.pieces) return err(tooLarge(plan, bytes.length, room.pieces));
  const pieces = Array.from({ length: Math.ceil(bytes.length / room.piece) }, (_, place): Piece => {
    const content = bytes.subarray(place * room.piece, (place + 1) * room.piece).toString('base64');
    return { hash: hashOf(content), content };
  });
  return ok({ plan: bare, pieces });
}

/** @returns the plan as it was, of what fits into a payload and the contents of the pieces, in their order */
export async function loaded(plan: LoadPlan, contents: readonly string[]): Promise<LoadPlan> {
  if (contents.length === 0) return plan;
  const bytes = Buffer.concat(contents.map((content) => Buffer.from(content, 'base64')));
  return withCargo(plan, (await unpacked(bytes)) as Cargo);
}
