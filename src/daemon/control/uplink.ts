import type { Calls } from '../../protocol/calls.ts';
import { CallError } from '../../protocol/errors.ts';
import type { Answer, Forwarded, Reply, SupervisorCall, ToSupervisor } from '../control-link.ts';
import { Recent } from './recent.ts';

export const supervisorGone = (): CallError => new CallError('unavailable', 'the daemon was killed');

/** The calls to the supervisor, each answered by a `reply` of the same id. */
export class Uplink {
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  readonly #status = new Recent(() => this.#ask('status', {}));
  #next = 1;

  send(message: ToSupervisor): void {
    if (process.connected) process.send?.(message, undefined, {}, () => {});
  }

  /** Something has happened that a status may show. */
  changed(): void {
    this.#status.forget();
  }

  /** Throws the CallError with which the supervisor refuses it. */
  call<Name extends Forwarded>(method: Name, params: Calls[Name]['params']): Promise<Answer<Name>> {
    return method === 'status' ? (this.#status.get() as Promise<Answer<Name>>) : this.#ask(method, params);
  }

  async #ask<Name extends Forwarded>(method: Name, params: Calls[Name]['params']): Promise<Answer<Name>> {
    const reply = await new Promise<Reply>((resolve) => {
      const id = this.#next++;
      this.#waiting.set(id, resolve);
      if (process.connected) this.send({ type: 'call', id, call: { method, params } as SupervisorCall });
      else this.lose();
    });
    if ('refused' in reply) throw CallError.fromWire(reply.refused);
    return reply.answer as Answer<Name>;
  }

  replied(id: number, reply: Reply): void {
    this.#waiting.get(id)?.(reply);
    this.#waiting.delete(id);
  }

  /** The supervisor is gone: nothing will be answered any more. */
  lose(): void {
    this.changed();
    for (const id of [...this.#waiting.keys()]) this.replied(id, { refused: supervisorGone().toWire() });
  }
}
