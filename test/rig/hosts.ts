/**
 * Hosts apart, in network namespaces of their own: a hub, and others that reach it through a router each that translates their
 * addresses, which are the same for all. Nothing of the machine's own network is touched, and all of it is gone with its holders.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { findProgram } from '../../src/files/find-program.ts';
import { permitsNetworks } from './network-namespaces.ts';

const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** Why there can be none here; undefined if there can. */
export const lackingHosts: string | undefined =
  process.getuid?.() !== 0
    ? 'only root can connect network namespaces'
    : findProgram('nft', PATH) === undefined
      ? 'there is no nft: apt-get install nftables'
      : permitsNetworks()
        ? undefined
        : 'this machine permits no network namespaces';

/** Where something can be run as if on a machine of its own. */
export interface Host {
  /** The words before a command that is to run there. */
  readonly enter: readonly string[];
}

/** A namespace lives as long as this process, which ends with its standard input. */
async function holdNamespace(holders: ChildProcess[]): Promise<number> {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  holders.push(holder);
  await once(holder.stdout, 'data');
  return holder.pid as number;
}

const entering = (pid: number): string[] => ['nsenter', `--net=/proc/${pid}/ns/net`, '--'];

/** Runs lines of `ip` or `nft` in a namespace. */
function configure(pid: number, ...lines: readonly string[]): void {
  for (const line of lines) {
    const [command = '', ...words] = [...entering(pid), ...line.split(' ')];
    execFileSync(command, words, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, PATH } });
  }
}

const HUB = '10.77.0.1';

export class Hosts implements AsyncDisposable {
  /** What all hosts reach the hub by. */
  readonly address = HUB;
  readonly hub: Host;
  readonly others: readonly Host[];
  readonly #holders: readonly ChildProcess[];

  private constructor(hub: number, others: readonly number[], holders: readonly ChildProcess[]) {
    this.hub = { enter: entering(hub) };
    this.others = others.map((pid) => ({ enter: entering(pid) }));
    this.#holders = holders;
  }

  /** @param count of the hosts besides the hub, at most 200 */
  static async open(count: number): Promise<Hosts> {
    const holders: ChildProcess[] = [];
    const hub = await holdNamespace(holders);
    configure(
      hub,
      'ip link set lo up',
      'ip link add bridge0 type bridge',
      `ip addr add ${HUB}/24 dev bridge0`,
    );
    configure(hub, 'ip link set bridge0 up');
    const others: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const [router, host] = [await holdNamespace(holders), await holdNamespace(holders)];
      others.push(host);
      configure(
        hub,
        `ip link add port${index} type veth peer name outside netns ${router}`,
        `ip link set port${index} master bridge0 up`,
      );
      configure(
        router,
        'ip link set lo up',
        `ip link add inside type veth peer name eth0 netns ${host}`,
        `ip addr add 10.77.0.${10 + index}/24 dev outside`,
        'ip addr add 192.168.7.1/24 dev inside',
        'ip link set outside up',
        'ip link set inside up',
        'sysctl -qw net.ipv4.ip_forward=1',
        'nft add table ip nat',
        'nft add chain ip nat out { type nat hook postrouting priority 100 ; }',
        'nft add rule ip nat out oifname outside masquerade',
      );
      configure(
        host,
        'ip link set lo up',
        'ip addr add 192.168.7.2/24 dev eth0',
        'ip link set eth0 up',
        'ip route add default via 192.168.7.1',
      );
    }
    return new Hosts(hub, others, holders);
  }

  /** All that runs in them has ended before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#holders.map(async (holder) => {
        const hasEnded = once(holder, 'close');
        holder.stdin?.end();
        await hasEnded;
      }),
    );
  }
}
