// Servers for the tests of many machines, on loopback with private ports, each ended by its process id. A test whose server is
// not installed is skipped, and its name says so.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a program can be run. */
export function installed(program: string): boolean {
  return (process.env.PATH ?? '')
    .split(':')
    .concat('/usr/sbin', '/sbin')
    .some((folder) => existsSync(join(folder, program)));
}

/** Where Debian keeps PostgreSQL's programs; undefined where it is not installed. */
export function postgresPrograms(): string | undefined {
  return [17, 16, 15, 14, 13]
    .map((version) => `/usr/lib/postgresql/${version}/bin`)
    .find((folder) => existsSync(join(folder, 'initdb')));
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (isSo()) return;
    await sleep(100);
  }
  throw new Error(`${what}: not within a minute`);
}

function runs(program: string, args: readonly string[], env = process.env): boolean {
  try {
    execFileSync(program, args, { env, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.on('exit', resolve));
  child.kill(signal);
  await gone;
}

export interface Server {
  readonly url: string;
  /** Ends it without warning. */
  lose(): Promise<void>;
  /** Ends it without warning, if it is there, and starts it again, with what it has on disk or without. */
  restart(options: { readonly kept: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/** Redis that writes every change to its file, at once or within a second. */
export async function startRedis({
  sync = 'always',
}: {
  readonly sync?: 'always' | 'everysec';
} = {}): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'losscope-redis-'));
  const port = await freePort();
  const start = async (): Promise<ChildProcess> => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    const child = spawn('redis-server', [...args, '--appendonly', 'yes', '--appendfsync', sync], {
      stdio: 'ignore',
    });
    await until('redis-server', () => runs('redis-cli', ['-p', String(port), 'ping']));
    return child;
  };
  let child = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    lose: () => end(child, 'SIGKILL'),
    async restart({ kept }) {
      await end(child, 'SIGKILL');
      if (!kept) {
        rmSync(folder, { recursive: true });
        mkdirSync(folder);
      }
      child = await start();
    },
    async stop() {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL, as the user postgres when the tests run as root. */
export async function startPostgres(): Promise<Server> {
  const programs = postgresPrograms();
  if (!programs) throw new Error('PostgreSQL is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'losscope-postgres-'));
  const asRoot = process.getuid?.() === 0;
  chmodSync(folder, 0o777);
  const command = (program: string, args: readonly string[]): [string, string[]] =>
    asRoot
      ? ['runuser', ['-u', 'postgres', '--', join(programs, program), ...args]]
      : [join(programs, program), [...args]];
  const data = join(folder, 'data');
  const port = await freePort();
  execFileSync(...command('initdb', ['-D', data, '-A', 'trust', '-U', 'losscope', '--no-sync']), {
    stdio: 'ignore',
    cwd: '/',
  });
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`;
  const control = (...args: readonly string[]): void => {
    execFileSync(...command('pg_ctl', ['-D', data, '-w', ...args]), { stdio: 'ignore', cwd: '/' });
  };
  const start = (): void => control('-o', options, '-l', join(folder, 'log'), 'start');
  const lose = async (): Promise<void> => control('-m', 'immediate', 'stop');
  let isLost = false;
  start();
  return {
    url: `postgres://losscope@127.0.0.1:${port}/postgres`,
    async lose() {
      await lose();
      isLost = true;
    },
    async restart() {
      if (!isLost) await lose();
      isLost = false;
      start();
    },
    async stop() {
      control('-m', 'fast', 'stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Slurm {
  /** Environment in which its commands talk to it. */
  readonly env: NodeJS.ProcessEnv;
  run(program: string, ...args: readonly string[]): string;
  /** Ends a node's daemon and the steps on it, as a power cut would. */
  loseNode(node: 1 | 2): Promise<void>;
  stop(): Promise<void>;
}

/** Steps of a SLURM, of all its nodes or one: processes with their parents, which are SLURM's own. */
function stepsOf(config: string, node?: string): number[] {
  const wanted = [`SLURM_CONF=${config}`, `SLURMD_NODENAME=${node ?? ''}`];
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    const variables = procFile(pid, 'environ').split('\0');
    const isStep = variables.includes(wanted[0]) && variables.some((each) => each.startsWith(wanted[1]));
    if (!isStep) return [];
    const [, parent] = /^PPid:\s+(\d+)$/m.exec(procFile(pid, 'status')) ?? [];
    return /^slurmstepd/.test(procFile(Number(parent), 'cmdline')) ? [Number(parent), pid] : [pid];
  });
}

/** What /proc says of a process; nothing when it has ended. */
export function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

function killAll(processes: readonly number[]): void {
  for (const pid of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** SLURM with two nodes of one CPU each on this machine, without systemd, cgroups and munge; needs root. */
export async function startSlurm(): Promise<Slurm> {
  const folder = mkdtempSync(join(tmpdir(), 'losscope-slurm-'));
  const host = hostname().split('.')[0];
  const ports = [await freePort(), await freePort(), await freePort()];
  for (const name of ['ctld', 'n1', 'n2']) mkdirSync(join(folder, name));
  const node = (name: string, port: number): string =>
    `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port} CPUs=1 State=UNKNOWN`;
  const config = [
    'ClusterName=ci',
    `SlurmctldHost=${host}(127.0.0.1)`,
    ...['SlurmUser=root', 'AuthType=auth/none', 'CredType=cred/none', `SlurmctldPort=${ports[0]}`],
    ...[
      `SlurmctldPidFile=${folder}/ctld.pid`,
      `StateSaveLocation=${folder}/ctld`,
      `SlurmdPidFile=${folder}/%n.pid`,
    ],
    ...[
      `SlurmdSpoolDir=${folder}/%n`,
      `SlurmctldLogFile=${folder}/ctld.log`,
      `SlurmdLogFile=${folder}/%n.log`,
    ],
    ...['ProctrackType=proctrack/pgid', 'SelectType=select/cons_tres', 'SchedulerType=sched/builtin'],
    ...[
      'SchedulerParameters=batch_sched_delay=0,sched_interval=1',
      'ReturnToService=2',
      'SlurmdTimeout=10',
      'KillWait=5',
    ],
    node('n1', ports[1]),
    node('n2', ports[2]),
    'PartitionName=all Nodes=n1,n2 Default=YES State=UP',
    '',
  ].join('\n');
  writeFileSync(join(folder, 'slurm.conf'), config);
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  const env = { ...process.env, PATH: path, SLURM_CONF: join(folder, 'slurm.conf') };
  const daemon = (program: string, ...args: readonly string[]): ChildProcess =>
    spawn(program, ['-D', ...args], { env, stdio: 'ignore', detached: true });
  const controller = daemon('slurmctld', '-c');
  const nodes: ChildProcess[] = [];
  const startNode = (i: 1 | 2): void => {
    nodes[i] = daemon('slurmd', '-N', `n${i}`);
  };
  startNode(1);
  startNode(2);
  const run = (program: string, ...args: readonly string[]): string =>
    execFileSync(program, args, { env, encoding: 'utf8' });
  await until('slurm', () => {
    try {
      return (
        /idle/.test(run('sinfo', '-h', '-o', '%T %D')) && !/down|unk/.test(run('sinfo', '-h', '-o', '%T'))
      );
    } catch {
      return false;
    }
  });
  return {
    env,
    run,
    async loseNode(i) {
      await end(nodes[i], 'SIGKILL');
      // The daemon of a step would go on, and tell the controller that all is well.
      killAll(stepsOf(env.SLURM_CONF, `n${i}`));
    },
    async stop() {
      run('scancel', '--user=root');
      for (const each of [...nodes.filter((child) => child), controller]) await end(each);
      killAll(stepsOf(env.SLURM_CONF));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
