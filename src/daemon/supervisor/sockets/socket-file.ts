import { chmodSync, chownSync, closeSync, constants, type FSWatcher, fstatSync, openSync, watch } from 'node:fs';
import { pathOf } from './address.ts';
import type { Query } from './native.ts';
import { modeOf } from './unix.ts';

/** Opens a name, and not what it names (O_PATH): Node's constants do not have it. */
const pathOnly = 0o10000000;

interface Rights {
  mode: number;
  uid: number;
  gid: number;
}

/**
 * The file of a Unix socket, whose mode and owner the application may change, and which it may remove, at any time. A socket without
 * a file has one on which nothing has an effect.
 */
export class SocketFile {
  readonly #path: string | null;
  #watcher: FSWatcher | null = null;
  #onChange: (() => void) | null = null;
  /** As last seen. */
  #rights: Rights | null = null;

  constructor(query: Query) {
    this.#path = pathOf(query);
  }

  /** `onChange`: something has happened to it, it may be gone. Watches no descriptor of its own: inotify has one for all. */
  watch(onChange: () => void): void {
    this.#onChange = onChange;
    if (this.#path === null) return;
    this.#look();
    try {
      this.#watcher = watch(this.#path, { persistent: false }, () => {
        this.#look();
        this.#onChange?.();
      });
      this.#watcher.on('error', () => {});
    } catch {
      // Removed already, or no watches left: it is looked at when a worker listens or leaves.
    }
  }

  /** A new file is at the path: it gets the mode and the owner that the former one had last. */
  replaced(): void {
    const onChange = this.#onChange;
    const former = this.#rights;
    this.close();
    if (former) this.#act((fd, now) => change(fd, now, former));
    if (onChange) this.watch(onChange);
  }

  /** The mode for a worker with another umask than the last one's; with the same one it stays as somebody may have set it since. */
  follow(query: Query): void {
    const mode = modeOf(query);
    if (mode === null) return;
    if (this.#rights) this.#rights.mode = mode;
    this.#act((fd, now) => change(fd, now, { ...now, mode }));
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = null;
    this.#onChange = null;
  }

  #look(): void {
    this.#act((_, rights) => {
      this.#rights = rights;
    });
  }

  /**
   * Does something with the file itself, never with what a link names that somebody else has put there, nor with a second name of
   * another's socket. Silent when it cannot.
   */
  #act(act: (fd: number, rights: Rights) => void): void {
    if (this.#path === null) return;
    try {
      const fd = openSync(this.#path, pathOnly | constants.O_NOFOLLOW);
      try {
        const stats = fstatSync(fd);
        if (stats.isSocket() && stats.nlink === 1)
          act(fd, { mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid });
      } finally {
        closeSync(fd);
      }
    } catch {
      // Removed, of another user, or no /proc here: it stays as it is.
    }
  }
}

function change(fd: number, now: Rights, wanted: Rights): void {
  const path = `/proc/self/fd/${fd}`;
  if (now.uid !== wanted.uid || now.gid !== wanted.gid) chownSync(path, wanted.uid, wanted.gid);
  if (now.mode !== wanted.mode) chmodSync(path, wanted.mode);
}
