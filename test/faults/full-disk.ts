import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own, of 1 MiB, in this folder. */
export class SmallDisk implements Disposable {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    const { status, stderr } = mount(folder);
    if (status !== 0) throw new Error(stderr);
  }

  /** Nothing more can be written from now on. */
  fill(): void {
    for (const bytes of [4096, 1]) {
      try {
        for (;;) writeFileSync(join(this.folder, 'neighbour'), Buffer.alloc(bytes), { flag: 'a' });
      } catch {
        // ENOSPC
      }
    }
  }

  free(): void {
    rmSync(join(this.folder, 'neighbour'));
  }

  [Symbol.dispose](): void {
    spawnSync('umount', ['-l', this.folder]);
  }
}

/** Why no file system can be made here. */
export function mountsDisks(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'naught-disk-'));
  const { status } = mount(folder);
  if (status === 0) spawnSync('umount', ['-l', folder]);
  rmdirSync(folder);
  return status === 0 ? undefined : 'this user may not mount a tmpfs';
}

function mount(folder: string) {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=1777', 'tmpfs', folder], { encoding: 'utf8' });
}
