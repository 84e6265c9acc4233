import type { Socket } from 'node:net';
import type { Servers } from './servers.ts';
import type { Upgrades } from './upgrades.ts';

/** A whole close frame of a server, unmasked: 1001, going away (RFC 6455, 7.4.1). */
const goingAway = Buffer.from([0x88, 0x02, 0x03, 0xe9]);

/** Milliseconds that the client and the application's library have for the closing handshake, and then for the end of the connection. */
const patience = 5_000;

/** What was received before the drain is not known: the application has so many milliseconds to answer it. */
const headStartMs = 500;

/** Nothing is owed any more when nothing was received for so many milliseconds, … */
const quietMs = 1_000;
/** … or when the last write was after it, and so many milliseconds ago. */
const settledMs = 300;

/** From so many milliseconds after its time on a connection that is never quiet is closed right after any write, … */
const busyMs = 2_000;
/** … and from here on anyway. */
const lastMs = 3_000;
/**
 * No more than this counts between two looks: a worker that had no CPU meanwhile, or was stopped, has not read what its clients sent,
 * and its application has answered nothing.
 */
const longestLookMs = 200;

/**
 * Tells every WebSocket to go away, each at a random moment of the next `spreadMs`, so that the clients do not all come back at
 * once; those that are still being opened follow. Nobody hears an answer after that: so it is told when the application has
 * written what it owes, as far as the traffic shows it. The frame is written beneath the application's library, between two
 * writes of it: libraries write a frame whole. The client's reply then makes the library end the connection.
 */
export class WebSockets {
  #upgrades: Upgrades;
  #spreadMs: number;
  #talks = new Map<Socket, Talk>();
  #told = new WeakSet<Socket>();

  constructor(servers: Servers, upgrades: Upgrades, spreadMs: number) {
    this.#upgrades = upgrades;
    this.#spreadMs = spreadMs;
    for (const listener of servers.open) for (const socket of upgrades.websockets(listener)) this.#add(socket);
    upgrades.on('upgraded', (socket) => {
      if (upgrades.get(socket)?.websocket) this.#add(socket);
    });
  }

  /** To be called again and again. */
  look(): void {
    for (const [socket, talk] of this.#talks) {
      if (!socket.writable) this.#forget(socket);
      else if (this.#upgrades.get(socket)?.answered && talk.look()) this.sayGoingAway(socket);
    }
  }

  /** Writes the close frame, unless that has been done. Returns whether the client can know. */
  sayGoingAway(socket: Socket): boolean {
    this.#forget(socket);
    if (!this.#upgrades.get(socket)?.answered) return false;
    if (this.#told.has(socket) || !socket.writable) return true;
    this.#told.add(socket);
    socket.write(goingAway);
    setTimeout(() => socket.end(), patience).unref();
    setTimeout(() => socket.destroy(), 2 * patience).unref();
    return true;
  }

  #add(socket: Socket): void {
    const dueIn = headStartMs + Math.random() * this.#spreadMs;
    const say = () => {
      if (this.#upgrades.get(socket)?.answered) this.sayGoingAway(socket);
    };
    this.#talks.set(socket, new Talk(socket, dueIn, say));
  }

  #forget(socket: Socket): void {
    this.#talks.get(socket)?.end();
    this.#talks.delete(socket);
  }
}

/** What is said on one WebSocket while it is to be closed. A client that sends and waits for the answer is told right after that. */
class Talk {
  #socket: Socket;
  #onMoment: () => void;
  #dueAt: number;
  #lookedAt: number;
  /** Since its time, as far as there were looks. */
  #lateMs = 0;
  #readAt: number;
  #writtenAt = 0;
  /** Received, and not answered, if each chunk is a message and each answer a write. */
  #owed = 0;
  #listens = false;
  #write: Socket['write'] | null = null;

  /** onMoment: it is time, and the application has just written. */
  constructor(socket: Socket, dueIn: number, onMoment: () => void) {
    const now = performance.now();
    this.#socket = socket;
    this.#onMoment = onMoment;
    this.#dueAt = now + dueIn;
    this.#lookedAt = now;
    this.#readAt = now - quietMs + headStartMs;
    this.#followWrites();
    this.#followReads();
  }

  /** Whether it is time. */
  look(): boolean {
    this.#followReads();
    const now = performance.now();
    const passed = Math.min(now - this.#lookedAt, longestLookMs);
    this.#lookedAt = now;
    if (now < this.#dueAt) return false;
    this.#lateMs += passed;
    if (this.#lateMs >= lastMs) return true;
    const settled = this.#writtenAt > this.#readAt && now - this.#writtenAt >= settledMs;
    const { bytesRead } = this.#socket;
    // What the kernel holds already has been read by then.
    if (settled || now - this.#readAt >= quietMs) {
      setImmediate(() => this.#socket.bytesRead === bytesRead && this.#onMoment());
    }
    return false;
  }

  end(): void {
    this.#socket.off('data', this.#onRead);
    if (this.#socket.write === this.#write) delete (this.#socket as { write?: unknown }).write;
  }

  #onRead = (): void => {
    this.#owed += 1;
    this.#readAt = performance.now();
  };

  #onWritten = (): void => {
    this.#owed = Math.max(0, this.#owed - 1);
    this.#writtenAt = performance.now();
    const isTime = this.#writtenAt >= this.#dueAt;
    if (isTime && (this.#owed === 0 || this.#lateMs >= busyMs)) this.#onMoment();
  };

  /** Not before the application does: what comes before that is kept for it. */
  #followReads(): void {
    if (this.#listens || this.#socket.readableFlowing === null) return;
    this.#listens = true;
    this.#socket.on('data', this.#onRead);
  }

  /** There is no public hook: this socket, and no other, gets a `write`. A frame may take several in one tick. */
  #followWrites(): void {
    const { write } = this.#socket;
    let isHeld = false;
    const release = () => {
      isHeld = false;
      this.#onWritten();
      this.#socket.uncork();
    };
    this.#write = ((...args: unknown[]) => {
      if (!isHeld) {
        // What is said after it goes with it: a client that answers at once has read both.
        this.#socket.cork();
        process.nextTick(release);
      }
      isHeld = true;
      return (write as (...args: unknown[]) => boolean).apply(this.#socket, args);
    }) as Socket['write'];
    this.#socket.write = this.#write;
  }
}
