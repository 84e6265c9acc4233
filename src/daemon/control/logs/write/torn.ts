import type { System } from '../system.ts';

/** A multiple of this is one of every page size. */
const pageSize = 4096;
const newline = Buffer.from('\n');

/**
 * Ends the line that a killed process left torn. SIGKILL cuts a write(2) to a file short, and always where a page of the file is full
 * (measured: 73 of 180 kills in a flood, all of them there); what follows would be glued to that piece. A worker's own unfinished
 * line may end there too, once in 4096 times, and gets a newline that it did not write: so this is for the file of a process
 * that was killed, at once after it, alone. Gives whether it was torn. Throws what the OS throws.
 */
export function endTornLine(system: System, path: string, fd: number): boolean {
  const { fs } = system;
  const file = fs.fstatSync(fd);
  if (!file.isFile() || file.size === 0 || file.size % pageSize !== 0) return false;
  const last = Buffer.alloc(1);
  const readable = fs.openSync(path, 'r');
  try {
    fs.readSync(readable, last, 0, 1, file.size - 1);
  } finally {
    fs.closeSync(readable);
  }
  if (last.equals(newline)) return false;
  fs.writeSync(fd, newline);
  return true;
}
