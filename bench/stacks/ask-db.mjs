import { connect } from 'node:net';

/** What the database answers; fails if it does not listen. */
export async function askDb(question) {
  const socket = connect(Number(process.env.DB_PORT), '127.0.0.1');
  socket.write(question);
  let answer = '';
  for await (const part of socket) answer += part;
  return answer;
}
