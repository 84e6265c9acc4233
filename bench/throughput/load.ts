import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

const connections = 32;
/** How long one turn takes, in milliseconds. */
export const turnMs = 400;

/** Starts `load` of this program in a process of its own. */
export function startLoad(): ChildProcess {
  return fork(process.argv[1] as string, ['--load'], { execArgv: [] });
}

/** Gives how many requests went through in one turn. */
export async function turn(client: ChildProcess, port: number): Promise<number> {
  client.send(port);
  const [requests] = await once(client, 'message');
  return requests;
}

/** For each port that it is told, as many requests as go through its connections in one turn. */
export function load(): void {
  process.on('message', (port: number) => {
    let requests = 0;
    const request = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n';
    const sockets = Array.from({ length: connections }, () => {
      const socket = connect(port, '127.0.0.1', () => socket.write(request));
      // The response is short, and comes in one piece.
      socket.on('data', () => {
        requests += 1;
        socket.write(request);
      });
      return socket.setNoDelay(true);
    });
    setTimeout(() => {
      for (const socket of sockets) socket.destroy();
      process.send?.(requests);
    }, turnMs);
  });
  process.on('disconnect', () => process.exit());
}
