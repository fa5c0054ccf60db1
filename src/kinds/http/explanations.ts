import type { Chapter } from '../../core/explanation.ts';
import { LOAD_CHAPTER } from '../../load/explanations.ts';
import type { LOAD_FINDINGS } from '../../load/findings.ts';
import type { DRAIN_FINDINGS } from './findings.ts';

const DRAIN_TEXTS: Chapter<typeof DRAIN_FINDINGS>['texts'] = {
  'request-lost': {
    means:
      'A server that was told to stop in mid-load (`drain`) cut off, reset or left unanswered requests that it had accepted; or one that was to restart failed any request at all.',
    why: 'With each deploy, users see errors.',
    fix: 'Look at the timeline: when each was sent, and when it was lost. On the signal the server should close its listener, answer what it has, and only then end. [Drain](drain.md) says what counts as lost.',
  },
  'not-drained': {
    means: 'A server that was told to stop, or to replace its processes, had not done so in time.',
    why: 'Whoever deploys it kills it then, along with the requests that it still has.',
    fix: 'Close idle connections, and answer with `Connection: close` from the signal on. If it only needs longer: `drain: { within }`.',
  },
  'not-restarted': {
    means: 'After the signal for a restart, the same processes served as before.',
    why: 'If nothing was restarted, it is no wonder that no request failed.',
    fix: 'Check that the signal is the one for a reload, and that what gets it is the process that manages the others.',
  },
  'connection-kept': {
    means:
      'Connections on which nothing was asked were still open when the time to stop was over, and their clients had been told nothing.',
    why: 'They keep many servers from ending, and a request on one of them may be lost at any moment.',
    fix: 'On the signal, close the connections that are idle (`server.close()` of Node does), or send GOAWAY with HTTP/2.',
  },
  'drain-unproven': {
    means:
      'The server was told to stop while no request was in flight, or was not told at all; or, with a load from agents, something that matters was so close to the signal that their clocks do not tell on which side.',
    why: 'A server that has nothing to do cannot lose a request; and what is excused after the signal is a failure before it.',
    fix: 'Use more `connections`, a higher `rate`, or a request that takes longer. With agents: give them, and the machine that runs the suite, more of the CPU, or leave out `agents`.',
  },
  'request-crossed': {
    means:
      'Requests were on their way when the server closed their connections, on which it had answered before; it read nothing of them. They were sent again, as clients may.',
    why: 'HTTP/1.1 cannot avoid it where idle connections are closed, and these requests do no harm when sent twice. Others would count as lost.',
    fix: 'To be rid of it too, answer with `Connection: close` for a moment before idle connections are closed; in nginx `keepalive_min_timeout`.',
  },
  'backlog-reset': {
    means:
      'New connections were reset before the server had accepted them: they waited in the queue of a listener that was closed.',
    why: 'The server accepted none of their requests. For its clients it is as if they had been refused.',
    fix: 'Take the server out of its load balancer before it gets the signal, or hand the listener over to the next process.',
  },
};

export const HTTP_CHAPTER = {
  title: LOAD_CHAPTER.title,
  texts: { ...LOAD_CHAPTER.texts, ...DRAIN_TEXTS },
} as const satisfies Chapter<typeof LOAD_FINDINGS & typeof DRAIN_FINDINGS>;
