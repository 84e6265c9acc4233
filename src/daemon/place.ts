import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Linux's O_PATH, which Node does not name: the folder need not be readable. */
const pathOnly = 0o10000000;

/**
 * Where a file is, by its folder and not by the folder's path: one that is moved under a running daemon takes the file along, and what
 * comes in its place is somebody else's. Without /proc it is the path.
 */
export class Place {
  readonly #name: string;
  #folder: number | null;

  /** `folder`: another way to it. */
  constructor(
    readonly path: string,
    folder?: string,
  ) {
    this.#name = basename(path);
    this.#folder = (folder === undefined ? null : openFolder(folder)) ?? openFolder(dirname(path));
  }

  /** A path to the file, for this process. */
  get now(): string {
    return this.#folder === null ? this.path : `/proc/self/fd/${this.#folder}/${this.#name}`;
  }

  /** A path to the folder, for other processes of the same user while this one lives. */
  get shared(): string {
    return this.#folder === null ? dirname(this.path) : `/proc/${process.pid}/fd/${this.#folder}`;
  }

  /** After the folder was removed: the one that is at its path now, if there is one. */
  refresh(): void {
    if (this.#folder === null || fstatSync(this.#folder).nlink > 0) return;
    const folder = openFolder(dirname(this.path));
    if (folder === null) return;
    closeSync(this.#folder);
    this.#folder = folder;
  }

  close(): void {
    if (this.#folder !== null) closeSync(this.#folder);
    this.#folder = null;
  }

  /** Words about the file, as the user knows it. */
  name(text: string): string {
    return text.replaceAll(dirname(this.now), dirname(this.path));
  }
}

function openFolder(path: string): number | null {
  if (process.platform !== 'linux') return null;
  try {
    return openSync(path, pathOnly | constants.O_DIRECTORY);
  } catch {
    return null;
  }
}
