import type { Worker as ClusterWorker } from 'node:cluster';
import { connectionTexts } from '../../../protocol/counts.ts';
import type { Event } from '../../../protocol/schemas.ts';
import type { CutConnections } from '../../worker-link.ts';
import type { Exit } from '../machine/state.ts';
import type { Load } from './load.ts';

/** Dead workers that are still known by their slot and pid, for events and errors that name them. */
const remembered = 1_000;

/** What is known of the process of a worker. */
export interface Member {
  slot: number;
  pid: number | undefined;
  /** Of its inspector, where it has one. */
  inspectPort: number | null;
  /** null when it is gone. */
  process: ClusterWorker | null;
  /** What it cut at its drain deadline. */
  cut?: CutConnections;
  /** What it last said of itself. */
  load?: Load;
}

/** The processes by the machine's numbers of their workers, also of some that are gone. */
export class Members {
  readonly #members = new Map<number, Member>();

  add(worker: number, slot: number, inspectPort: number | null): Member {
    const member: Member = { slot, pid: undefined, inspectPort, process: null };
    this.#members.set(worker, member);
    return member;
  }

  get(worker: number): Member | undefined {
    return this.#members.get(worker);
  }

  pid(worker: number): number | undefined {
    return this.#members.get(worker)?.pid;
  }

  load(worker: number): Load | undefined {
    return this.#members.get(worker)?.load;
  }

  /** Ports of the inspectors of those that live. */
  get inspectPorts(): Set<number> {
    return new Set([...this.#members.values()].flatMap(({ process, inspectPort }) => (process && inspectPort) || []));
  }

  describe(worker: number, exit?: Exit): NonNullable<Event['worker']> {
    const { slot = 0, pid } = this.#members.get(worker) ?? {};
    return {
      slot,
      ...(pid === undefined ? {} : { pid }),
      ...(exit?.code == null ? {} : { exitCode: exit.code }),
      ...(exit?.signal == null ? {} : { signal: exit.signal }),
    };
  }

  /** For the event of its exit: why it could not be started, or what it cut. */
  exitNote(worker: number, { error }: Exit): string | undefined {
    if (error !== undefined) return `it could not be started (${error})`;
    const cut = connectionTexts(this.#members.get(worker)?.cut ?? {});
    return cut.length === 0 ? undefined : `cut: ${cut.join(', ')}`;
  }

  /** Its process is gone. */
  bury(worker: number): void {
    const member = this.#members.get(worker);
    if (member) member.process = null;
    for (const [old, { process }] of this.#members) {
      if (this.#members.size <= remembered) return;
      if (!process) this.#members.delete(old);
    }
  }
}
