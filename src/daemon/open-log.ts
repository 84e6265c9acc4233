import nodeFs, { constants, type Stats } from 'node:fs';
import path from 'node:path';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;

/** O_NONBLOCK: a FIFO that nobody reads is an error, and does not hang the open. Without effect on files. */
const flags = O_WRONLY | O_APPEND | O_NONBLOCK;
/** Of a log that is made, whatever the umask is. */
const mode = 0o640;
/** As many links in a row as Linux follows. */
const mostLinks = 40;
/** What O_NOFOLLOW answers to a symbolic link; EMLINK on FreeBSD. */
const linkErrors = ['ELOOP', 'EMLINK'];

type FileSystem = Pick<
  typeof nodeFs,
  'fchmodSync' | 'closeSync' | 'fstatSync' | 'openSync' | 'readlinkSync' | 'realpathSync' | 'statSync'
>;

/** Whether anybody may put a file of his own in the place of another. */
export function isOpenToAll({ mode }: Stats): boolean {
  return (mode & 0o1002) === 0o0002;
}

/**
 * Opens a log for appending, and makes it when it is not there. Somebody else who may write to its folder could have put a link there
 * that leads to a file of root's: a symbolic link is followed only where none but this user and root may make one. Throws what the OS says.
 */
export function openLog(file: string, fs: FileSystem = nodeFs, links = mostLinks): { fd: number; isNew: boolean } {
  const folder = path.dirname(file);
  // A magic link of /proc leads to an open file, not to a path.
  if (fs.realpathSync(folder).startsWith('/proc/')) return { fd: fs.openSync(file, flags), isNew: false };
  try {
    const opened = openOrMake(file, fs);
    if (!opened.isNew) refuseForeign(file, opened.fd, fs);
    return opened;
  } catch (error) {
    if (!linkErrors.includes((error as NodeJS.ErrnoException).code ?? '') || links === 0) throw error;
    if (isShared(fs.statSync(folder))) {
      throw new Error(`${file} is a symbolic link in a folder that others may write to`, { cause: error });
    }
    return openLog(path.resolve(folder, fs.readlinkSync(file)), fs, links - 1);
  }
}

function openOrMake(file: string, fs: FileSystem): { fd: number; isNew: boolean } {
  for (;;) {
    try {
      return { fd: fs.openSync(file, flags | O_NOFOLLOW), isNew: false };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    try {
      const fd = fs.openSync(file, flags | O_NOFOLLOW | O_CREAT | O_EXCL, 0o600);
      fs.fchmodSync(fd, mode);
      return { fd, isNew: true };
    } catch (error) {
      // Another daemon has made it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** As the kernel's fs.protected_regular has it for whoever makes a file: another user has put his own, or a FIFO, where everybody may. */
function refuseForeign(file: string, fd: number, fs: FileSystem): void {
  const folder = fs.statSync(path.dirname(file));
  const { uid } = fs.fstatSync(fd);
  if ((folder.mode & 0o002) === 0 || [0, folder.uid, process.geteuid?.()].includes(uid)) return;
  fs.closeSync(fd);
  throw new Error(`${file} belongs to another user (${uid}), in a folder that everybody may write to`);
}

/** Others than this user and root may make files there. */
function isShared({ uid, mode }: Stats): boolean {
  return (uid !== 0 && uid !== process.geteuid?.()) || (mode & 0o022) !== 0;
}
