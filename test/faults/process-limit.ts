import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { type Naught, program } from '../support/naught.ts';

const nobody = 65_534;

/** Why a process cannot be kept from making others here. */
export function limitsProcesses(): string | undefined {
  if (spawnSync('prlimit', ['--version']).status !== 0) return 'there is no prlimit here';
  if (process.getuid?.() !== 0) return undefined;
  const { status } = spawnSync(process.execPath, [program, 'version'], { uid: nobody, gid: nobody, cwd: '/' });
  return status === 0 ? undefined : 'root has no such limit, and another user cannot read the program here';
}

/** The limit does not hold for root: the daemon, and every command to it, is another user's. */
export function ownedByNobody(naught: Naught): void {
  if (process.getuid?.() !== 0) return;
  chownSync(naught.dir, nobody, nobody);
  naught.uid = nobody;
}

/** No process of this one's user can be made by it until this is disposed of. */
export function noMoreProcesses(pid: number): Disposable {
  const former = prlimit(pid, '--nproc', '--output', 'SOFT', '--noheadings').trim();
  prlimit(pid, '--nproc=1:');
  return { [Symbol.dispose]: () => void prlimit(pid, `--nproc=${former}:`) };
}

/** By the user of the daemon: root itself may lack the right to do so to others' processes. */
function prlimit(pid: number, ...args: string[]): string {
  const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  const { status, stdout, stderr } = spawnSync('prlimit', ['--pid', String(pid), ...args], {
    ...user,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
