import { CallError } from '../../protocol/errors.ts';
import type { Event } from '../../protocol/schemas.ts';
import type { OperationEnd, OperationKind, OperationRecord } from '../control-link.ts';
import { Operation } from './operation.ts';

/** The boot may be over before the command that started the daemon can ask for it: it is shown to its first follower, this long. */
const bootShownMs = 60_000;

/** The operations that somebody may still follow. */
export class Operations {
  #last: Operation | null = null;
  #unseenBoot: Operation | null = null;
  #bootIsShown = false;
  #seen: () => void = () => {};
  /** Resolves when the boot has a follower, or had none to wait for. */
  readonly bootSeen = new Promise<void>((resolve) => {
    this.#seen = resolve;
  });

  /** `shown`: the boot has a command that will come and ask for it. */
  attach(record: OperationRecord | null, shown: boolean): void {
    this.#last = record && new Operation(record);
    this.#bootIsShown = shown;
    if (!shown) this.#seen();
  }

  open({ id, kind }: { id: number; kind: OperationKind }): void {
    this.#last = new Operation({ id, kind, events: [] });
    if (kind === 'boot' && this.#bootIsShown) this.#show(this.#last);
  }

  publish(event: Event): void {
    this.#last?.push(event);
  }

  end(id: number, end: OperationEnd): void {
    if (this.#last?.id === id) this.#last.end(end);
  }

  /** The supervisor is gone. */
  lose(error: CallError): void {
    this.#last?.lose(error);
    this.#unseenBoot?.lose(error);
  }

  /** By its number. Throws when another one has begun meanwhile. */
  find(id: number): Operation {
    if (this.#last?.id === id) return this.#last;
    throw new CallError('unavailable', 'the operation is over');
  }

  /** The last one. `since`: number of an event that its follower has seen. Throws `no-operation` when that was one of another. */
  findSince(since: number | undefined): Operation {
    if (this.#last && (since === undefined || this.#last.reaches(since))) return this.#last;
    const what = since === undefined ? 'there was no operation yet' : `no operation is known that event ${since} is of`;
    throw new CallError('no-operation', what);
  }

  /** What a follower of the status sees: the operation in progress, or the boot that nobody has seen yet. */
  get toFollow(): Operation | null {
    const boot = this.#unseenBoot;
    this.#unseenBoot = null;
    this.#seen();
    return this.#last?.ended === false ? this.#last : boot;
  }

  #show(boot: Operation): void {
    this.#unseenBoot = boot;
    setTimeout(() => {
      this.#unseenBoot = null;
      this.#seen();
    }, bootShownMs).unref();
  }
}
