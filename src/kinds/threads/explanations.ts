import type { Chapter } from '../../core/explanation.ts';
import type { THREADS_FINDINGS } from './findings.ts';

export const THREADS_CHAPTER = {
  title: 'Threads',
  texts: {
    'thread-crash': {
      means:
        'With the module loaded in threads, the process crashed, or a thread exited that nobody had asked to.',
      why: 'Users who load it in a worker or thread would lose their whole process.',
      fix: 'See who loaded it, how the threads ended and what they were doing: [Threads](threads.md) explains these.',
    },
    'thread-hang': {
      means: 'Threads that use the module made no progress.',
      why: 'It is probably a deadlock.',
      fix: 'See which thread was stuck where. If a single call takes that long, raise `stall`.',
    },
    'thread-load': {
      means: 'The module loads on its own, but not in a thread.',
      why: 'Nobody can use it in a worker.',
      fix: 'If it is an addon, make it context-aware.',
    },
    'wrong-result': {
      means: 'Several threads, or several copies, get another result than one does.',
      why: 'That is a race, or state that is shared but should not be.',
      fix: 'Look at the call, which is shown with both results.',
    },
    'memory-leak': {
      means: 'Memory grew with the number of calls, in every doubling of it.',
      why: 'A long-running process would run out of memory. A cache with a limit is not mistaken for a leak.',
      fix: 'Find out what a call keeps.',
    },
    'cannot-load': {
      means:
        'What is to be tried cannot be loaded, lacks the function that you named, or fails even when it is called alone.',
      why: 'Nothing could be tried.',
      fix: 'The message names the cause.',
    },
    'gil-enabled': {
      means: 'An import turned the global interpreter lock of a free-threaded Python back on.',
      why: 'One such module makes the whole program single-threaded.',
      fix: 'Build the extension for free threading, and declare that it supports it.',
    },
    'not-repeatable': {
      means: 'Even in a single thread, the same call gives different results, so these were not compared.',
      why: 'A difference between threads would mean nothing.',
      fix: 'Nothing, or supply an `oracle` that knows the right results.',
    },
    'nothing-compared': {
      means: 'No result could be compared at all.',
      why: 'Nothing was checked but that nothing crashes.',
      fix: 'Supply inputs whose results repeat, or an `oracle`.',
    },
    'memory-unwatched': {
      means: 'The calls take so long that too few could be made to look for a leak.',
      why: 'Nothing is known about leaks.',
      fix: 'Supply smaller inputs.',
    },
    'control-failed': {
      means: 'The trial fails without the module, too.',
      why: 'So it says nothing about the module.',
      fix: 'Look at the machine, and at the Node or Python in use.',
    },
    'preset-not-in-force': {
      means: 'The debugging allocator that you asked for was not loaded.',
      why: 'Memory errors would have gone unnoticed.',
      fix: 'See how the program is started: it may clear its environment.',
    },
  },
} as const satisfies Chapter<typeof THREADS_FINDINGS>;
