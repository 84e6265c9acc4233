import { expect, it } from 'vitest';
import { Listener } from '../../../src/daemon/supervisor/sockets/listener.ts';
import type { NativeClient, NativeListener } from '../../../src/daemon/supervisor/sockets/native.ts';

it('closes the oldest connection when too many wait, and lends the others in the order they came', () => {
  const handle: NativeListener = { onconnection: null, listen: () => 0, close: () => {} };
  const listener = new Listener({ address: '/x', port: -1, addressType: -1, index: 0 }, handle, 3);
  const closed: number[] = [];
  class Client implements NativeClient {
    constructor(readonly number: number) {}
    close(): void {
      closed.push(this.number);
    }
  }
  for (let number = 0; number < 5; number++) handle.onconnection?.(0, new Client(number));
  expect(closed).toEqual([0, 1]);
  expect(listener).toMatchObject({ waiting: 3, dropped: 2, isLent: false });

  const given: NativeClient[] = [];
  listener.lend().onconnection = (_status, client) => given.push(client!);
  expect(given).toMatchObject([{ number: 2 }, { number: 3 }, { number: 4 }]);
  expect(closed).toEqual([0, 1]);
});
