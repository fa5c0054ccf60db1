import type { Chapter } from '../core/explanation.ts';
import type { LOAD_FINDINGS } from './findings.ts';

export const LOAD_CHAPTER = {
  title: 'Load',
  texts: {
    'unexpected-response': {
      means: 'Responses did not pass their checks.',
      why: 'The server answered, but wrongly.',
      fix: 'Look at the first few, which are shown with what was sent and what came back.',
    },
    'protocol-error': {
      means: 'What came back is not a valid HTTP response, or not the answer to what was asked.',
      why: 'Browsers may tolerate it; proxies and other clients may not.',
      fix: 'Look at the bytes, which are shown.',
    },
    'request-failed': {
      means:
        'Requests got no complete response: refused, cut off, too late, or over TLS that is not trusted.',
      why: 'A user would have seen an error.',
      fix: 'Look at the first few, which are shown.',
    },
    'users-locked-out': {
      means: 'Users did not get in: what they do before the load failed.',
      why: 'Only the others were load, so that it was less than was asked for.',
      fix: 'Look at the answer to `before`, which is shown; each user tries it four times.',
    },
    'steps-broken': {
      means: 'The function given as `steps` threw, or returned something that is no request.',
      why: 'The iteration ended there, so that the load was not the one that was meant.',
      fix: 'Correct the function: the first error is shown, with its place.',
    },
    'channel-trouble': {
      means:
        'WebSockets or event streams could not be opened, were closed by the server before the end, or sent events that did not pass their checks.',
      why: 'Whoever was listening lost the connection, or was told something wrong.',
      fix: 'Look at the close codes and at the first few, which are shown. If it is meant to happen, say how often: `ws.lost < 10`, `sse.wrong == 0`; [Streams](streams.md) lists what can be said.',
    },
    threshold: {
      means: 'A condition in `thresholds`, such as `p99 < 50ms`, was not met, or one in `abortOn` was.',
      why: 'The server was too slow or failed too often, by your own measure.',
      fix: 'Compare it with what was measured; [Load](load.md) says what the numbers mean.',
    },
    'threshold-undecided': {
      means:
        'A threshold cannot be judged: nothing was measured for it, responses that never came could decide it either way, or the load generator was the bottleneck and its figures do not prove it.',
      why: 'Either verdict would be a guess.',
      fix: "Run for longer, name the target's process with `pid`, or do what [`generator-saturated`](#generator-saturated) says.",
    },
    'failures-not-saved': {
      means: 'Failed requests could not all be saved in the folder of `--save-failures`.',
      why: 'The disk may be full, or the folder may have got other files since the run began.',
      fix: 'Make room, or name another folder. The result itself is complete.',
    },
    'no-rate-holds': {
      means: 'A search for the highest rate found none: not even the lowest one that was tried holds.',
      why: 'The server does not meet the conditions, however little is asked of it.',
      fix: 'Try a lower `from`, or look at why that rate did not hold, which is shown; [Capacity](capacity.md) says how rates are tried.',
    },
    'overload-not-survived': {
      means:
        'A search for the highest rate sent too much, as it must, and the server did not recover within 30 seconds.',
      why: 'A server should refuse or slow down under a load that is too high, and serve again after it. The rates that held before are shown, but not confirmed.',
      fix: 'See in its log what became of it; limit what it takes on at once.',
    },
    'capacity-unconfirmed': {
      means:
        'A search for the highest rate found no rate, or no end of its interval, to rely on: what was tried there held at one time and not at another, or was not tried often enough.',
      why: 'Near its capacity a server copes now and then: a single measurement proves little.',
      fix: 'Measure each rate for longer, or in a narrower range.',
    },
    'generator-saturated': {
      means:
        'The load generator, not the target, was the bottleneck, or it stood still for more than a second.',
      why: 'The figures are still bounds: thresholds that are met all the same pass.',
      fix: 'Use more `workers` or `connections`, a lower rate, or another machine.',
    },
    'saturation-refused': {
      means: 'The load generator was the bottleneck, and you asked for `strict`.',
      why: 'With `strict`, only measurements by a generator that kept up count.',
      fix: 'Do what [`generator-saturated`](#generator-saturated) says, or leave out `strict`.',
    },
    'agents-refused': {
      means:
        'Agents that a config names as senders of the load could not be asked, or refused: nothing was sent.',
      why: 'Their server did not answer or does not know us, an agent is of another version of Shakedown, or its operator does not allow load on that target.',
      fix: 'Do what the message says. `shakedown load URL --agents N` with the same words tries it without a suite.',
    },
    'agents-missing': {
      means:
        'Agents that were to send a part of the load never came, or fell silent before their last report.',
      why: 'Less was sent than was asked for, so that a pass would prove nothing. What the others measured is shown; a threshold that is broken in it counts as broken.',
      fix: 'Look at their rows, and at their own output. Start as many agents as the load has parts, or give it fewer.',
    },
    'agent-late': {
      means: 'An agent began to send after the agreed time.',
      why: 'Its first requests were sent late and together, so that the load was not the one that was meant.',
      fix: 'Give the agent a core of its own, and see that the clocks of all machines agree; the lateness is shown.',
    },
    'agent-ended-early': {
      means: 'An agent was told to stop, or gave up, before its part of the load was sent.',
      why: 'Less was sent than was asked for, so that a pass would prove nothing.',
      fix: 'See who stopped it: a container may have come to its time limit, or its machine may have been taken away.',
    },
    'result-shortened': {
      means:
        'What agents measured was larger than their server takes, so that times were put into fewer classes, windows joined, and failures left out.',
      why: 'Counts are exact all the same. How far times may be off is said, and in `precision` of the JSON; a threshold that this could decide is undecided.',
      fix: 'Use fewer names, or fewer agents with more `--workers` each.',
    },
  },
} as const satisfies Chapter<typeof LOAD_FINDINGS>;
