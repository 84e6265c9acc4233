// A server that measures what a request costs inside its process: GET /measure sends it requests over a connection in memory, without the
// system, whose part of the cost differs from run to run by more than what is looked for. Answers with microseconds of CPU per request.
const { createServer } = require('node:http');
const { Duplex } = require('node:stream');

const turns = 60;
const requestsATurn = 4_000;
const request = Buffer.from('GET / HTTP/1.1\r\nHost: test\r\n\r\n');

const server = createServer(async (asked, answer) => {
  answer.end(asked.url === '/measure' ? String(await measure()) : 'hello\n');
});
server.listen(Number(process.env.PORT), '127.0.0.1');

/** The turn that was disturbed least. */
async function measure() {
  const connection = new InMemory();
  server.emit('connection', connection);
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < turns; turn++) {
    const before = process.cpuUsage();
    for (let sent = 0; sent < requestsATurn; sent++) {
      await connection.answered(request);
      // The loop turns, as it does for requests that come from outside.
      if (sent % 50 === 0) await new Promise(setImmediate);
    }
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / requestsATurn);
  }
  connection.destroy();
  return least;
}

class InMemory extends Duplex {
  #wrote = () => {};

  answered(bytes) {
    return new Promise((done) => {
      this.#wrote = done;
      this.push(bytes);
    });
  }

  _read() {}

  _write(_chunk, _encoding, done) {
    done();
    this.#wrote();
  }

  _writev(_chunks, done) {
    done();
    this.#wrote();
  }

  setTimeout() {}
  setNoDelay() {}
  setKeepAlive() {}
}
