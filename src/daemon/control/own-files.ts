import { lstatSync, unlinkSync } from 'node:fs';
import { pidIn } from '../../protocol/pid-file.ts';
import type { ControlConfig, FilesForControl } from '../control-link.ts';
import { removeCopy } from '../copies.ts';
import { Place } from '../place.ts';

/** What of the daemon's files is removed when the supervisor was killed. */
export class OwnFiles {
  #files: { place: Place; isOurs: (path: string) => boolean }[] = [];
  #copies: string[] = [];

  constructor(private readonly config: Pick<ControlConfig, 'ipcFile' | 'pidFile' | 'supervisorPid'>) {}

  /** The folders are opened now: when the supervisor is gone, so are these ways to them. */
  know({ ipcFolder, ipcInode, pidFolder, copies }: FilesForControl): void {
    const { ipcFile, pidFile, supervisorPid } = this.config;
    this.#copies = copies;
    for (const { place } of this.#files) place.close();
    this.#files = [
      { place: new Place(ipcFile, ipcFolder), isOurs: (path) => lstatSync(path).ino === ipcInode },
      { place: new Place(pidFile, pidFolder), isOurs: (path) => pidIn(path) === supervisorPid },
    ];
  }

  remove(): void {
    for (const { place, isOurs } of this.#files) removeIf(place.now, isOurs);
    for (const copy of this.#copies) removeCopy(copy);
  }
}

function removeIf(path: string, isOurs: (path: string) => boolean): void {
  try {
    if (isOurs(path)) unlinkSync(path);
  } catch {}
}
