import { closeSync, openSync, readSync } from 'node:fs';

/** Of Node. */
const defaultPort = 9229;
const highestPort = 65_535;
/** Bytes of a table of the system that are read at once. */
const partSize = 4 * 1024;

const option = /^--(inspect|inspect-brk|inspect-wait|inspect-port|debug-port)(?:=(.*))?$/;
const withoutEqualsSign = new Set(['inspect-port', 'debug-port']);

/**
 * The port that a worker's inspector is asked for, by the words that node is given; null: none. Cluster would count up from 9230 for
 * every worker that it ever starts, whatever the port that was asked for.
 */
export function askedPort(nodeArgs: readonly string[], nodeOptions = ''): number | null {
  const words = [...nodeOptions.split(/\s+/), ...nodeArgs];
  let port: number | null = null;
  for (const [index, word] of words.entries()) {
    const [, name, value] = option.exec(word) ?? [];
    if (name === undefined) continue;
    const address = value ?? (withoutEqualsSign.has(name) ? words[index + 1] : undefined);
    const [, digits] = /(?:^|:)(\d+)$/.exec(address ?? '') ?? [];
    port = digits === undefined ? (port ?? defaultPort) : Number(digits);
  }
  return port;
}

/** The first port from the one that was asked for which neither another worker has nor anybody listens on. 0: any. */
export function freePort(asked: number, ofWorkers: ReadonlySet<number>): number {
  if (asked === 0) return 0;
  const taken = listening();
  for (let port = asked; port <= highestPort; port++) if (!ofWorkers.has(port) && !taken.has(port)) return port;
  return 0;
}

/** The TCP ports that somebody on this machine listens on, where the system tells. */
function listening(): Set<number> {
  const ports = new Set<number>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    try {
      for (const [, port = ''] of listenersIn(table).matchAll(/^ *\d+: \w+:(\w{4}) \w+:0000 0A /gm)) {
        ports.add(Number.parseInt(port, 16));
      }
    } catch {}
  }
  return ports;
}

/**
 * The beginning of the table: Linux tells those first that listen, and to read all connections behind them takes too long (measured: 0.2 s
 * and more of 28,000; 15 ms this way).
 */
function listenersIn(table: string): string {
  const fd = openSync(table, 'r');
  try {
    let text = '';
    const part = Buffer.alloc(partSize);
    for (let length = -1; length !== 0 && !/^ *\d+: \S+ \S+ (?!0A)/m.test(text); ) {
      length = readSync(fd, part, 0, partSize, null);
      text += part.toString('latin1', 0, length);
    }
    return text;
  } finally {
    closeSync(fd);
  }
}
