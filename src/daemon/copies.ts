import { rmdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';

/** Removes a copy of a program by its name, and its folder when that is empty then: if another one was put there, nothing else is touched. */
export function removeCopy(path: string): void {
  for (const remove of [() => unlinkSync(path), () => rmdirSync(dirname(path))]) {
    try {
      remove();
    } catch {}
  }
}
