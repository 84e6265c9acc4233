import type { ServerResponse } from 'node:http';

/**
 * Makes the response say `Connection: close`, whatever the application sets: a proxy, for one, passes the header of its upstream on.
 * `shouldKeepAlive` alone is overruled by that. Every head is made by `writeHead`, an implicit one too, which has no public hook: so
 * this response, and no other, gets its own.
 */
export function makeLast(response: ServerResponse): void {
  response.shouldKeepAlive = false;
  const writeHead = response.writeHead as (...args: unknown[]) => ServerResponse;
  response.writeHead = function (this: ServerResponse, status: number, ...rest: unknown[]) {
    if (status < 200 || this.headersSent) return writeHead.call(this, status, ...rest);
    this.removeHeader('Keep-Alive');
    const at = rest.findIndex((given) => typeof given === 'object' && given !== null);
    if (at < 0) this.setHeader('Connection', 'close');
    else {
      this.removeHeader('Connection');
      rest[at] = closing(rest[at] as object);
    }
    return writeHead.call(this, status, ...rest);
  } as ServerResponse['writeHead'];
}

/** The headers given to writeHead(): an object, a list of pairs, or one of names and values in turn. */
function closing(headers: object): unknown {
  if (!Array.isArray(headers)) {
    const others = Object.entries(headers).filter(([name]) => isOther(name));
    return { ...Object.fromEntries(others), Connection: 'close' };
  }
  if (Array.isArray(headers[0])) return [...headers.filter(([name]) => isOther(name)), ['Connection', 'close']];
  return [...headers.filter((_, index) => isOther(headers[index - (index % 2)])), 'Connection', 'close'];
}

function isOther(name: unknown): boolean {
  return !/^(connection|keep-alive)$/i.test(String(name));
}
