import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { askedPort, freePort } from '../../../src/daemon/supervisor/fleet/inspect-port.ts';

describe('the port of an inspector', () => {
  it.each([
    [['--inspect'], 9229],
    [['--inspect=9300'], 9300],
    [['--inspect-brk=0.0.0.0:9301'], 9301],
    [['--inspect-wait=[::1]:9302'], 9302],
    [['--inspect=localhost'], 9229],
    [['--inspect=[::1]'], 9229],
    [['--inspect=127.0.0.1'], 9229],
    [['--inspect-port=9303', '--inspect'], 9303],
    [['--inspect', '--inspect-port', '9304'], 9304],
    [['--debug-port=9305'], 9305],
    [['--inspect=0'], 0],
    [['--inspect=127.0.0.1:0'], 0],
    [['--inspect=9306', '--inspect=9307'], 9307],
    [[], null],
    [['--inspect-publish-uid=http', '--max-old-space-size=9308'], null],
  ])('of %j is %s', (nodeArgs, port) => {
    expect(askedPort(nodeArgs)).toBe(port);
  });

  it('is found in NODE_OPTIONS too, over which the words of the command line have the last word', () => {
    expect(askedPort([], '--no-warnings --inspect=9310')).toBe(9310);
    expect(askedPort(['--inspect-port=9311'], '--inspect=9310')).toBe(9311);
  });

  it('counts up from the one that was asked for, over those that workers have and that somebody listens on', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const { port } = server.address() as { port: number };
    expect(freePort(port, new Set([port + 1]))).toBeGreaterThan(port + 1);
    server.close();
    expect(freePort(0, new Set())).toBe(0);
    expect(freePort(65_535, new Set([65_535]))).toBe(0);
  });
});
