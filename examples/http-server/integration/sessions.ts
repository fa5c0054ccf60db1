// What only those who are logged in may do: sessions by cookie, with tokens against forged requests.
import { randomUUID } from 'node:crypto';
import { type JsonValue, stringify } from '../src/index.ts';
import { type Answer, noteDocument, spoilDocument } from './faults.ts';

/** Anybody may log in who knows it. */
const PASSWORD = 'ahoy';
/** A session ends after so many requests, as those of real services do after a time. */
const LASTS = 200;

type Session = { readonly csrf: string; readonly documents: Map<string, Buffer>; left: number };

/** What is asked for: method, path, headers and body. */
export type Question = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

const forms = new Map<string, string>();
const sessions = new Map<string, Session>();
/** Of each user: they outlive a session. */
const documentsOf = new Map<string, Map<string, Buffer>>();

/**
 * Answers `/login` and `/documents`.
 *
 * @param canonical the canonical form of the body, or the answer that refuses it
 * @returns undefined for any other path
 */
export function members(question: Question, canonical: (text: string) => Answer): Answer | undefined {
  const { method, path } = question;
  if (path === '/login') return method === 'POST' ? logIn(question) : form();
  if (path !== '/documents' && !path.startsWith('/documents/')) return undefined;
  const session = sessionOf(question);
  if (session === undefined) return json(401, { error: 'log in first' });
  if (method === 'GET') return read(session, path.slice('/documents/'.length));
  if (question.headers['x-csrf-token'] !== session.csrf) return json(403, { error: 'a forged request' });
  return method === 'POST' ? write(session, canonical(question.body)) : remove(session, path);
}

function form(): Answer {
  const [visit, token] = [randomUUID(), randomUUID()];
  forms.set(visit, token);
  const body = `<form method="post"><input name="user"><input name="password" type="password">
<input type="hidden" name="token" value="${token}"></form>\n`;
  const headers = { 'content-type': 'text/html', 'set-cookie': `visit=${visit}; Path=/login; HttpOnly` };
  return { status: 200, body: Buffer.from(body), headers };
}

function logIn(question: Question): Answer {
  const visit = cookie(question, 'visit') ?? '';
  const given = new URLSearchParams(question.body);
  if (!forms.has(visit) || given.get('token') !== forms.get(visit))
    return json(403, { error: 'a forged request' });
  forms.delete(visit);
  if (given.get('password') !== PASSWORD) return json(401, { error: 'wrong password' });
  const user = given.get('user') ?? '';
  const documents = documentsOf.get(user) ?? new Map<string, Buffer>();
  documentsOf.set(user, documents);
  const [id, csrf] = [randomUUID(), randomUUID()];
  sessions.set(id, { csrf, documents, left: LASTS });
  return json(200, { user, csrf }, `session=${id}; Path=/; HttpOnly; SameSite=Strict`);
}

function sessionOf(question: Question): Session | undefined {
  const id = cookie(question, 'session') ?? '';
  const session = sessions.get(id);
  if (session === undefined) return undefined;
  session.left -= 1;
  if (session.left > 0) return session;
  sessions.delete(id);
  return undefined;
}

function write({ documents }: Session, { status, body }: Answer): Answer {
  if (status !== 200) return { status, body };
  const id = randomUUID();
  documents.set(id, body);
  noteDocument(body);
  return json(201, { id });
}

function read({ documents }: Session, id: string): Answer {
  const body = spoilDocument(documents.get(id));
  return body === undefined ? json(404, { error: 'no such document' }) : { status: 200, body };
}

function remove({ documents }: Session, path: string): Answer {
  return documents.delete(path.slice('/documents/'.length))
    ? { status: 204, body: Buffer.alloc(0) }
    : json(404, { error: 'no such document' });
}

function cookie({ headers }: Question, name: string): string | undefined {
  const pairs = String(headers.cookie ?? '').split('; ');
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

const json = (status: number, value: JsonValue, setCookie?: string): Answer => ({
  status,
  body: Buffer.from(stringify(value)),
  headers: setCookie === undefined ? {} : { 'set-cookie': setCookie },
});
