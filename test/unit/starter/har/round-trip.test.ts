/** The steps of a recorded session succeed in another session, in which every id and token is another one. */
import { expect, test } from 'vitest';
import fc from '../../../rig/fast-check.ts';
import { isThorough } from '../../../rig/thorough.ts';
import { type Answered, type Asked, Player, stepsOf } from './player.ts';
import { type Entry, proposalOf, recordingOf } from './recorder.ts';

/** How an API goes about it. */
interface Manner {
  readonly ids: 'numbers' | 'uuids' | 'slugs';
  readonly login: 'bearer' | 'cookie' | 'form';
  readonly csrf: 'none' | 'header' | 'cookie' | 'meta' | 'field';
  readonly wrap: 'none' | 'data' | 'name';
}

/** What a user does to the things there are, chosen by the numbers. */
type Deed = readonly [
  'list' | 'create' | 'read' | 'update' | 'remove' | 'comment' | 'pay' | 'search',
  number,
];

const PASSWORD = 'correct horse 7';

/** An API for orders. It is strict: only ids that exist, only the token of this session. */
class Api {
  readonly manner: Manner;
  readonly #start: number;
  #made = 0;
  readonly orders = new Map<string, { comments: string[] }>();
  readonly token: string;
  readonly csrf: string;

  constructor(manner: Manner, start: number) {
    this.manner = manner;
    this.#start = start;
    this.token = `tok_${(start * 7919).toString(36)}_${'x'.repeat(12)}9`;
    this.csrf = `c${(start * 104_729).toString(16)}aB0${'y'.repeat(9)}`;
    for (let i = 0; i < 3; i += 1) this.#add();
  }

  #id(): string {
    this.#made += 1;
    const number = this.#start + this.#made;
    if (this.manner.ids === 'numbers') return String(number);
    if (this.manner.ids === 'slugs') return `order-no-${number}`;
    return `${String(number).padStart(8, '0')}-aaaa-4bbb-8ccc-${String(number * 31).padStart(12, '0')}`;
  }

  #add(): string {
    const id = this.#id();
    this.orders.set(id, { comments: [] });
    return id;
  }

  #shown(id: string): unknown {
    return this.manner.ids === 'numbers' ? Number(id) : id;
  }

  #order(id: string): object {
    const order = { id: this.#shown(id), total: 12, state: 'open' };
    if (this.manner.wrap === 'none') return order;
    return this.manner.wrap === 'data' ? { data: order } : { order };
  }

  readonly answer = (asked: Asked): Answered => {
    const { status = 200, ...rest } = this.#route(asked);
    return { status, ...rest };
  };

  #route({ method, path, headers, body }: Asked): Partial<Answered> {
    const json = (value: object, status = 200): Partial<Answered> => ({
      ...{ status, body: JSON.stringify(value) },
      headers: {
        'content-type': 'application/json',
        ...(this.manner.csrf === 'header' ? { 'x-csrf-token': this.csrf } : {}),
      },
    });
    const { login, csrf } = this.manner;
    const [name = ''] = path.split('?');
    if (name === '/') return this.#home();
    if (name === '/login') {
      if (csrf === 'field' && !body?.includes(this.csrf)) return { status: 403 };
      if (!body?.includes(login === 'form' ? encodeURIComponent(PASSWORD) : PASSWORD)) return { status: 401 };
      const cookie = `${login === 'bearer' ? 'seen=1' : `sid=${this.token}`}; Path=/; HttpOnly`;
      const { headers: own, ...answer } = json({
        user: { id: 3 },
        ...(login === 'bearer' ? { token: this.token } : {}),
      });
      return { ...answer, headers: { ...own, 'set-cookie': cookie } };
    }
    const isIn =
      login === 'bearer'
        ? headers.authorization === `Bearer ${this.token}`
        : headers.cookie?.includes(`sid=${this.token}`);
    if (isIn !== true) return { status: 401 };
    const isSafe = method === 'GET' || csrf === 'none' || csrf === 'field';
    if (!isSafe && headers['x-csrf-token'] !== this.csrf) return { status: 403 };
    return this.#things(method, path, body, json);
  }

  #home(): Partial<Answered> {
    const { csrf } = this.manner;
    const meta = csrf === 'meta' ? `<meta name="csrf-token" content="${this.csrf}">` : '';
    const field =
      csrf === 'field' ? `<form><input type="hidden" name="_csrf" value="${this.csrf}"></form>` : '';
    return {
      body: `<html>${meta}${field}</html>`,
      headers: {
        'content-type': 'text/html',
        ...(csrf === 'header' ? { 'x-csrf-token': this.csrf } : {}),
        ...(csrf === 'cookie' ? { 'set-cookie': `XSRF-TOKEN=${this.csrf}; Path=/` } : {}),
      },
    };
  }

  #things(
    method: string,
    path: string,
    body: string | null,
    json: (value: object, status?: number) => Partial<Answered>,
  ): Partial<Answered> {
    const { pathname, searchParams } = new URL(path, 'http://x');
    const [, kind, id, more, second] = pathname.split('/').map(decodeURIComponent);
    if (kind === 'orders' && id === undefined) {
      if (method === 'POST') return json(this.#order(this.#add()), 201);
      const items = [...this.orders.keys()].map((each) => ({ id: this.#shown(each) }));
      return json(this.manner.wrap === 'none' ? items : { items });
    }
    const wanted = kind === 'orders' ? id : kind === 'search' ? searchParams.get('orderId') : undefined;
    if (kind === 'payments') {
      const { orderId } = JSON.parse(body ?? '{}') as { orderId: unknown };
      return [...this.orders.keys()].some((each) => this.#shown(each) === orderId)
        ? json({}, 201)
        : { status: 404 };
    }
    const order = this.orders.get(wanted ?? '');
    if (order === undefined || wanted == null) return { status: 404 };
    if (more === 'comments' && method === 'POST') {
      const comment = this.#id();
      order.comments.push(comment);
      return json({ id: this.#shown(comment) }, 201);
    }
    if (more === 'comments') return order.comments.includes(second ?? '') ? json({}) : { status: 404 };
    if (method === 'DELETE') this.orders.delete(wanted);
    return method === 'DELETE' ? { status: 204 } : json(this.#order(wanted));
  }
}

/** A user of the API, whose browser records. */
function record(manner: Manner, deeds: readonly Deed[]): Entry[] {
  const api = new Api(manner, 0);
  const entries: Entry[] = [];
  const ask = (method: string, url: string, sent: unknown = null, type = 'application/json'): Answered => {
    const isSafe = method === 'GET' || ['none', 'field'].includes(manner.csrf);
    const body = sent === null || typeof sent === 'string' ? (sent as string | null) : JSON.stringify(sent);
    const headers: Record<string, string> = {
      'User-Agent': 'Mozilla/5.0',
      ...(manner.login === 'bearer' && entries.length > 1 ? { Authorization: `Bearer ${api.token}` } : {}),
      ...(isSafe ? {} : { 'X-CSRF-Token': api.csrf }),
      ...(manner.login !== 'bearer' && entries.length > 1 ? { Cookie: `sid=${api.token}` } : {}),
    };
    const lower = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const answered = api.answer({ method, path: url, headers: lower, body });
    const answerHeaders = answered.headers ?? {};
    entries.push({
      ...{
        method,
        url,
        headers,
        status: answered.status,
        answerHeaders,
        type: answerHeaders['content-type'] ?? '',
      },
      ...(answered.body === undefined ? {} : { answer: answered.body }),
      ...(body === null ? {} : { post: { mimeType: type, text: body } }),
    });
    return answered;
  };
  ask('GET', '/');
  const form = new URLSearchParams({ name: 'ada', password: PASSWORD });
  if (manner.csrf === 'field') form.set('_csrf', api.csrf);
  // A form has its spaces as +, which the server of this test does not decode.
  if (manner.login === 'form')
    ask('POST', '/login', form.toString().replaceAll('+', '%20'), 'application/x-www-form-urlencoded');
  else
    ask('POST', '/login', {
      name: 'ada',
      password: PASSWORD,
      ...(manner.csrf === 'field' ? { _csrf: api.csrf } : {}),
    });
  ask('GET', '/orders');
  const comments = new Map<string, string>();
  for (const [deed, number] of deeds) {
    const ids = [...api.orders.keys()];
    const id = ids[number % ids.length];
    if (deed === 'list') ask('GET', '/orders');
    if (deed === 'create') ask('POST', '/orders', { sku: 'tea', count: 2 });
    if (id === undefined) continue;
    const asked = manner.ids === 'numbers' ? Number(id) : id;
    if (deed === 'read') ask('GET', `/orders/${id}`);
    if (deed === 'update') ask('PUT', `/orders/${id}`, { id: asked, count: 3 });
    if (deed === 'remove') ask('DELETE', `/orders/${id}`);
    if (deed === 'search') ask('GET', `/search?orderId=${id}&sort=up`);
    if (deed === 'pay') ask('POST', '/payments', { orderId: asked });
    if (deed === 'comment') {
      ask('POST', `/orders/${id}/comments`, { text: 'good' });
      comments.set(id, api.orders.get(id)?.comments.at(-1) ?? '');
      ask('GET', `/orders/${id}/comments/${comments.get(id)}`);
    }
  }
  return entries;
}

const manners = fc.record<Manner>({
  ids: fc.constantFrom('numbers', 'uuids', 'slugs'),
  login: fc.constantFrom('bearer', 'cookie', 'form'),
  csrf: fc.constantFrom('none', 'header', 'cookie', 'meta', 'field'),
  wrap: fc.constantFrom('none', 'data', 'name'),
});
const deeds = fc.array(
  fc.tuple(
    fc.constantFrom<Deed[0]>('list', 'create', 'read', 'update', 'remove', 'comment', 'pay', 'search'),
    fc.nat(20),
  ),
  { minLength: 1, maxLength: 12 },
);

test('whatever a user does with an API of whatever manner', () => {
  fc.assert(
    fc.property(manners, deeds, (manner, done) => {
      const entries = record(manner, done);
      expect(entries.filter(({ status = 0 }) => status >= 400)).toEqual([]);
      const { before, steps } = stepsOf(proposalOf(recordingOf(...entries), { PASSWORD }));
      expect(before.length).toBe(2);
      // Another server, with other ids and tokens.
      const player = new Player(new Api(manner, 5000).answer);
      for (const step of before) expect(player.play(step)).toBeUndefined();
      const ofLogin = [...player.values];
      const isRepeatable = done.every(([deed]) => deed !== 'remove');
      for (const _ of isRepeatable ? [1, 2] : [1]) {
        player.values.clear();
        for (const [name, value] of ofLogin) player.values.set(name, value);
        for (const step of steps) expect(player.play(step)).toBeUndefined();
      }
    }),
    { numRuns: isThorough ? 1000 : 60 },
  );
});
