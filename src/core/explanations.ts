/** What the findings mean that any command, service or run can have. */
import type { Chapter } from './explanation.ts';
import type { CORE_FINDINGS } from './finding.ts';

const COMMANDS = {
  'exit-code': {
    means: 'A command ended with another exit code than expected, or was killed by a signal.',
    why: 'Only exit code 0 counts as success, unless `expect.exitCode` names others.',
    fix: 'Read the lines that are shown, then the whole log. If the code is right, list it in `expect.exitCode`.',
  },
  'forbidden-output': {
    means:
      'A command exited as it should but printed a crash report, or something that `expect.forbid` names.',
    why: 'Many scripts lose an exit code on the way: a pipe, a thread, `|| true`, a promise nobody awaits. A traceback in the output is better evidence than the code.',
    fix: "Fix the crash. If the line is harmless, allow it: `expect: { allow: ['the line'] }`.",
  },
  'missing-output': {
    means: 'A pattern in `expect.output` did not occur in the output.',
    why: 'You said that the command is right only if it prints this.',
    fix: 'Look in the log for what was printed instead.',
  },
  flaky: {
    means:
      'A component passed on a retry only, and `--flaky fail`, or its option `flaky`, does not let that pass.',
    why: 'It failed before, and nothing had changed: what comes and goes by itself will come back, and a pass proves little.',
    fix: 'The finding has the failure of the earlier attempt. Run it alone and often (`shakedown --repeat 20 NAME`), or beside others (`--jobs`). Until it is found, `flaky: warn` shows the component as FLAKY and lets it pass.',
  },
  'slow-pattern': {
    means: 'A regular expression took too long on the output, or on a response, and was given up.',
    why: 'Nothing can be said about output that was not searched to its end.',
    fix: 'Avoid repetitions within repetitions, such as `(a+)+`, or use a plain text.',
  },
  'zero-work': {
    means:
      'The built-in client completed no request, or a test runner ran no tests: it found none, or skipped them all.',
    why: 'A run that tried nothing must not be green. Where it is not certain that nothing ran, nothing is said: unittest and `go test` only tell with `-v`, and `cargo test` cannot vouch for a program with its own runner (`harness = false`).',
    fix: "Check which files and names the runner looks for and why it skips, or whether `duration` leaves time for one request. If it is meant, allow it with the text in the hint, such as `expect: { allow: ['1 skipped'] }`.",
  },
  'failed-tests': {
    means:
      'Single tests failed, by the file of `results` or by what their runner printed, or something ended the runner in the middle of a test; and the command exited as if all were well.',
    why: 'The exit code was lost on its way: in a pipe such as `pytest | tee log`, or by `|| true`. Or a test, or what it calls, ended the whole process with exit code 0, and the tests after it never ran.',
    fix: 'Have the command pass the exit code of its tests on (`set -o pipefail`). Tests that may fail are better skipped; for a runner whose failures are meant, allow the text in the hint.',
  },
  'stale-results': {
    means:
      'The command ended as it should, but the file of its `results` is as it was before: these are the results of an earlier run.',
    why: 'A runner that is no longer called, or writes somewhere else now, would stay green for ever.',
    fix: 'Correct `results`, or have the command write the file. Where old files stay that nobody writes any more, remove them before the tests run.',
  },
  'missing-results': {
    means: 'The command ended as it should and left no file of its `results`.',
    why: 'You said that its tests are told there; nothing is known of them.',
    fix: 'Compare the path, which is relative to `cwd`, with where the runner writes; the message says what is there instead.',
  },
  'unreadable-results': {
    means:
      'The file of `results` is not the XML of JUnit, is damaged or too large (64 MB), or a count of failures in it is no number.',
    why: 'Nothing is known of the tests in it.',
    fix: 'Have the runner write JUnit XML: see [`results`](config.md#commandoptions).',
  },
  'cached-tests': {
    means: '`go test` ran nothing: all it printed were the results of an earlier run, marked `(cached)`.',
    why: 'Its cache knows the files and variables that the tests read, but not the server that they ask: they would also pass if it were broken.',
    fix: 'Turn the cache off: `go test -count=1 ./...`, or `GOFLAGS=-count=1` for a script or Makefile target that runs it.',
  },
  'untold-tests': {
    means:
      'Several test runners were seen in the output of one command, and they cannot be told apart, or one of them does not say for certain what it ran: so no single tests are listed.',
    why: 'A part of the tests would be taken for all of them. The verdict goes by the exit code alone.',
    fix: 'Give each runner a component of its own, have them write files for [`results`](running.md#single-tests), or run them one after the other, each in a form that names its tests, such as `go test -v`.',
  },
  'missing-program': {
    means: 'A program that is needed is not installed, or not on the PATH.',
    why: 'The component cannot run without it.',
    fix: 'Install it; the hint says how.',
  },
  'cannot-start': {
    means: 'The system refused to start a command: a missing folder, or a file that is not executable.',
    why: 'The component cannot run without it.',
    fix: 'The message names the file or folder; correct it, or `chmod +x` it.',
  },
  timeout: {
    means:
      'The component took longer than its time limit and was stopped. In the trial of a package this is inconclusive, unless it is a program that does not end.',
    why: 'It may hang or just be slow. What was running is shown as a process tree and, where the runtime could be asked, with its stacks: see [Slow and stuck](running.md#slow-and-stuck).',
    fix: 'See where it was stuck. If it needs more time, raise `timeout`.',
  },
  'leaked-process': {
    means:
      'A command has ended and left processes running. They were stopped; any that could not be (because they run as another user, or the kernel holds them) are named separately.',
    why: 'The next run would meet them: on its port, in its files, on its processor.',
    fix: 'Have the script stop, or wait for, what it starts. Allow helpers such as gpg-agent with [`leave`](config.md#commonoptions).',
  },
  'setup-failed': {
    means:
      'A setup step lacks an input, did not make its outputs, or exported something other than `NAME=value`.',
    why: 'Everything after it depends on what it prepares.',
    fix: 'Correct the step, or its `inputs` and `outputs` in the config.',
  },
  'unknown-secret': {
    means: '`secrets` names a variable that is in no environment of the run, nor in its headers or commands.',
    why: 'Its value is unknown, so it is masked only next to its name (`NAME=…`).',
    fix: 'Correct the name, or remove it.',
  },
  'setup-waited': {
    means: 'Another run was busy with the same setup step, and this one waited for it.',
    why: 'Two runs must not install into the same folder at once. The message says how long the wait was for.',
    fix: 'Nothing.',
  },
  'undo-failed': {
    means: 'The `undo` of a setup step, or of a container, failed: what it was to undo may still be there.',
    why: 'The next run would meet what this one has left, so a run that does not tidy up is not green.',
    fix: 'See what is in its way in the lines shown, then run `shakedown sweep`: it tries again. If you have undone it by hand, `sweep` says how to forget it.',
  },
  'teardown-failed': {
    means: 'A step of the `teardown` failed.',
    why: 'What it should have tidied up may still be there.',
    fix: 'As for [`undo-failed`](#undo-failed).',
  },
} as const satisfies Partial<Chapter<typeof CORE_FINDINGS>['texts']>;

const SERVICES = {
  'not-ready': {
    means: 'A service exited before it was ready, or was not ready in time.',
    why: 'Without its server, a client can only fail.',
    fix: 'Read its last lines, which are shown. If it needs longer, raise `readyTimeout`; if it is ready and you do not see why it was not noticed, check `ready`.',
  },
  'service-died': {
    means: 'A service exited while it was in use.',
    why: 'Whatever the client said afterwards is a consequence, so only the cause is reported.',
    fix: 'Fix the service: its last lines are shown. A daemon whose output is discarded has none: run it once with `--foreground`.',
  },
  'no-engine': {
    means: 'A service is to run in a container, and no container engine answers: neither Docker nor Podman.',
    why: 'What needs the service cannot be tried without it.',
    fix: 'Install or start one; the message says what was tried. `SHAKEDOWN_ENGINE=podman` chooses one of several, and `DOCKER_HOST` and contexts say where Docker is.',
  },
  'no-image': {
    means: 'The image of a container is not on this machine and could not be fetched.',
    why: 'The service cannot be started without it.',
    fix: 'Check its name and tag, and whether you must log in to its registry. If it only takes long, raise `pullTimeout`.',
  },
  'build-failed': {
    means: 'The image of a container could not be built.',
    why: 'The service cannot be started without it. What an earlier build made is not used.',
    fix: 'Read the lines that are shown: they are from the builder, and its whole output is in the log.',
  },
  'compose-failed': {
    means: 'A file of Compose cannot be used, or what it needs could not be fetched, built or made.',
    why: 'None of its services can be started as they are meant to be.',
    fix: 'The message is that of Compose, with the place in the file where it knows one. `docker compose config` shows the same.',
  },
  'container-left': {
    means: 'A container could not be removed.',
    why: 'Everything that Shakedown starts is to be gone at the end: it keeps its port, its memory and its data.',
    fix: 'The hint has the command that removes it; the message says why the engine refused.',
  },
  'port-taken': {
    means: 'The port was already in use before the service was started.',
    why: 'The client would have talked to the wrong server.',
    fix: 'Stop the program that is named, or use port 0, which picks a free one.',
  },
  'port-blocked': {
    means: 'The port is held by a process that an earlier component left and that could not be stopped.',
    why: 'That says nothing about this component.',
    fix: 'See the [`leaked-process`](#leaked-process) of the earlier component.',
  },
  'foreign-listener': {
    means: 'Something that does not belong to the service answers on its port, or at its socket.',
    why: 'The run would pass or fail because of another server.',
    fix: 'Stop the program that is named, or use another port or path.',
  },
  'port-still-open': {
    means: 'The service has ended, but its port is still open.',
    why: 'Something outlived the service, and the next run would find its port taken.',
    fix: 'See which process is named: one that escaped, or one that was waiting for the port.',
  },
  killed: {
    means: 'A service did not exit in its grace period after SIGTERM and was killed.',
    why: 'It passes, but a deployment would kill it in the same way, in the middle of its work.',
    fix: 'Handle SIGTERM, or raise `grace`.',
  },
  'stop-failed': {
    means: 'The `stop.command` of a service failed, so it was sent a signal instead.',
    why: 'The service was stopped in another way than you wanted.',
    fix: 'Correct the command.',
  },
  'fault-unused': {
    means: 'A fault that `via` puts between a client and a service, or between two services, never happened.',
    why: 'Whoever passes without meeting the fault has not shown that they survive it.',
    fix: 'See why not: `match`, `every` or `first` may never hold, or the service is used past the proxy. The port that leads through it is in `$PORT`: see [Faults](faults.md).',
  },
} as const satisfies Partial<Chapter<typeof CORE_FINDINGS>['texts']>;

const RUNS = {
  interrupted: {
    means: 'A signal ended the run.',
    why: 'What was cut short has neither passed nor failed.',
    fix: 'Nothing, if that was you.',
  },
  'ended-early': {
    means: 'A load was stopped before its time, or a component because Shakedown could not go on.',
    why: 'What was cut short has neither passed nor failed.',
    fix: 'Nothing, if that was you.',
  },
  swept: {
    means: 'An earlier run had been killed, and what it left was stopped before this one started.',
    why: 'You may wonder where those processes went.',
    fix: 'Nothing.',
  },
  undone: {
    means:
      'An earlier run had been killed before it could undo what it had done. This one did it before it started.',
    why: 'You may wonder where it went: a database, say.',
    fix: 'Nothing.',
  },
  'undo-waited': {
    means:
      'An earlier run had been killed, and what it had done was just being undone by another process, its watchdog for instance.',
    why: 'Otherwise this run might do something that the other undoes right away.',
    fix: 'Nothing.',
  },
  'undo-left': {
    means: 'An earlier run did not succeed in undoing something, and nobody has tried since.',
    why: 'It may be in the way, and what has failed once is only tried again when you say so.',
    fix: 'Run `shakedown sweep`. If you have undone it by hand, forget it with the command shown.',
  },
  'unsupported-node': {
    means: 'The `engines` of the package exclude the Node in use.',
    why: 'A failure would say nothing about the package.',
    fix: 'Try it with another Node.',
  },
  'log-incomplete': {
    means: "The journal or a component's log could not be written, usually because the disk is full.",
    why: 'The run goes on without it, and the verdict is valid.',
    fix: 'Free some space if you need the log.',
  },
  'missing-shard': {
    means: 'Of a suite that was run in shards, the result of one was not given to `shakedown merge`.',
    why: 'Nothing is known of its components.',
    fix: 'Look at the job of that shard: it may have failed before it ran anything, or its file was not uploaded (`if: always()`). Then merge again with its file.',
  },
  'doubled-shard': {
    means: 'There are two results of the same shard. The worse one is shown.',
    why: 'Nobody can tell which of them counts.',
    fix: 'Give each shard a file of its own, empty the folder of results before the run, and merge only the files of one run.',
  },
  'foreign-shard': {
    means:
      'The result of a shard does not belong to the others: it is of another plan, the components were dealt differently, or it is of another build.',
    why: 'Between shards that were dealt differently a component may be missing, or have been run twice.',
    fix: 'Run all shards with the same config, names and options, in the same build. If they were dealt differently, their histories differ: give all of them the same `.shakedown/history`, as in [Scale](scale.md#the-same-deal-everywhere).',
  },
  'broken-shard': {
    means:
      'The result of a shard ends before its run did, has lines that are no events, lacks some, or contradicts itself; or the run was interrupted.',
    why: 'What is missing may have failed.',
    fix: 'If the job was killed or ran out of time, run that shard again. Take the file that `--report ndjson=FILE` has written, unchanged.',
  },
  'not-believed': {
    means:
      '`.shakedown`, or something in it, is not yours alone: it belongs to another user, is writable by others, or is a link. Or an earlier run may still be alive where it cannot be seen.',
    why: 'What is read there makes programs run and processes die, so it is left alone and not used.',
    fix: 'Remove what is named if nobody needs it. If only its mode is wrong, `chmod 700` it.',
  },
  'runs-left': {
    means: 'There are more folders of old runs than can be removed at one start.',
    why: 'A start should not take minutes.',
    fix: 'Nothing, or run the command that is shown.',
  },
  'machine-trouble': {
    means:
      'The machine lacks something that the run or the load generator needs: open files, processes, memory, disk space, ports to connect from. Or requests broke off while the load generator stood still: it was stopped, or its machine slept.',
    why: 'That says nothing about what is being tested. (If only a log could not be written, the finding is [`log-incomplete`](#log-incomplete).)',
    fix: 'The hint says what to raise or to free. What stood still is to be run again.',
  },
  'internal-error': {
    means:
      'Shakedown itself failed; or it was ended by a signal that it does not handle, which the message names.',
    why: 'That says nothing about the component, so the next ones still run. The exit code is 5, unless something else failed.',
    fix: 'Report it along with the stack trace that the hint names. If it was a signal, send it to the program it was meant for.',
  },
} as const satisfies Partial<Chapter<typeof CORE_FINDINGS>['texts']>;

const PROOFS = {
  blind: {
    means:
      'What the component tries was broken on purpose, the fault did happen, and the component passed all the same.',
    why: 'Its green says nothing about that kind of fault.',
    fix: 'Write the check that the hint names. If the fault changes nothing that matters, declare that with a reason: `prove: { ignore: { … } }`.',
  },
  'wrong-reason': {
    means: 'With the fault in place the component failed, but of something else.',
    why: 'It is not known whether its checks would have noticed the fault.',
    fix: 'See what it failed of; often the check should come before whatever crashed.',
  },
  'not-reached': {
    means: 'The fault never happened: no answer was changed, or the function was never called.',
    why: 'Then a pass says nothing.',
    fix: 'Do what the hint says to have the fault reach the check, or declare with a reason that it cannot: `prove: { ignore: { … } }`.',
  },
  unproved: {
    means: 'A fault that this component need not notice was not noticed, or never happened.',
    why: 'It may be a gap in your checks; it fails nothing.',
    fix: 'To have it fail, name it in `prove: { demand: [ … ] }`.',
  },
  'ignored-fault': {
    means: 'The component did not notice a fault that `prove: { ignore }` declares to be of no interest.',
    why: 'The reason given there is shown each time, so that it can be doubted.',
    fix: 'Nothing, as long as the reason holds.',
  },
  'needless-ignore': {
    means: '`prove: { ignore }` names a fault that the component does notice.',
    why: 'Should the check be lost one day, nobody would be told.',
    fix: 'Remove it from `ignore`.',
  },
  'instrument-disturbs': {
    means: 'With the proxy or the hooks in place, and no fault, the component did not pass.',
    why: 'Whatever it would do with a fault would say nothing about its checks.',
    fix: 'The message says what it failed of. Checks on ports, timing or tracebacks may see the instruments.',
  },
  'nothing-to-sabotage': {
    means: 'Shakedown knows no fault for what this component tries.',
    why: 'Without a fault nothing can be proved.',
    fix: 'Name the module that it tries, `prove: { module: "…" }`, or leave the component out of `prove`.',
  },
  'unknown-fault': {
    means:
      '`--fault` names something, such as a function, that no component was found to use. The exit code is 2.',
    why: 'A slip in a name must not look like a proof.',
    fix: 'Correct the name: the hint lists what there is. Which functions a component calls is only known once it has run.',
  },
  'not-tried': {
    means: 'A fault that the component must notice was not tried, since the `--budget` was used up.',
    why: 'It is not known whether it would be noticed.',
    fix: 'Give it a larger `--budget`.',
  },
} as const satisfies Partial<Chapter<typeof CORE_FINDINGS>['texts']>;

export const PROOF_CHAPTER = { title: 'What `prove` finds', texts: PROOFS };
export const COMMAND_CHAPTER = { title: 'Commands and setup steps', texts: COMMANDS };
export const SERVICE_CHAPTER = { title: 'Services', texts: SERVICES };
export const RUN_CHAPTER = { title: 'The run itself', texts: RUNS };
