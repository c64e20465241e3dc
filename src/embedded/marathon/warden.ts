// The process that sees to it that no task outlives this Marathon, however it ends.
//
// It is one tiny shell with a pipe from us as its standard input. Whatever happens to us, SIGKILL too, the kernel
// closes that pipe: then the shell kills every process group it has been told of and removes the sandboxes. The pipe
// is close-on-exec, so no task holds it open; the shell leads a session of its own, so no Ctrl-C reaches it.

import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const SCRIPT = `
trap '' INT TERM HUP
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
rm -rf -- "$1"
`;

export class Warden {
  readonly #groups = new Set<number>();
  readonly #folder: string;
  readonly #shell: ChildProcess;
  readonly #gone: Promise<void>;
  readonly #onExit = (): void => this.killAll();

  /** `folder` is removed with everything in it when we end. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'teal-warden', folder], {
      cwd: '/',
      detached: true,
      env: process.env['PATH'] === undefined ? {} : { PATH: process.env['PATH'] },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#shell.stdin?.on('error', () => {});
    this.#gone = new Promise((resolve) => {
      this.#shell.once('exit', () => resolve());
      this.#shell.once('error', () => resolve());
    });
    process.once('exit', this.#onExit);
  }

  /** Puts the process group led by `pid` under watch. Must follow the spawn in the same turn of the event loop. */
  watch(pid: number): void {
    this.#groups.add(pid);
    this.#shell.stdin?.write(`+ ${pid}\n`);
  }

  /** Ends what is left of the group and forgets it, before the kernel can give its number to somebody else. */
  reap(pid: number): void {
    if (!this.#groups.delete(pid)) return;
    signalGroup(pid, 'SIGKILL');
    this.#shell.stdin?.write(`- ${pid}\n`);
  }

  killAll(): void {
    for (const pid of this.#groups) signalGroup(pid, 'SIGKILL');
    this.#groups.clear();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Kills all that is left, removes the folder; resolves when groups and shell are gone. */
  async dismiss(): Promise<void> {
    const groups = [...this.#groups];
    this.killAll();
    process.off('exit', this.#onExit);
    this.#shell.stdin?.end();
    await Promise.all([this.#gone, ...groups.map(groupGone)]);
  }
}

const LOOK_AGAIN_MS = 5;
/** Where nobody reaps orphans a killed group stays in the kernel's table: it is dead all the same. */
const GIVE_UP_MS = 2_000;

/** A process that was killed is still there for some moments. */
async function groupGone(pid: number): Promise<void> {
  const deadlineTick = performance.now() + GIVE_UP_MS;
  while (exists(pid) && performance.now() < deadlineTick) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

/** True when the group still had a member to take the signal. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
