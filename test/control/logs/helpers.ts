import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { onTestFinished, vi } from 'vitest';
import { Logs } from '../../../src/daemon/control/logs/index.ts';
import { realSystem, type System } from '../../../src/daemon/control/logs/system.ts';
import type { PipeHandle } from '../../../src/daemon/reading-end.ts';
import type { LogsConfig } from '../../../src/daemon/start-config.ts';
import type { Call } from '../../../src/protocol/calls.ts';
import type { LogEvent, LogsEnd } from '../../../src/protocol/log-schemas.ts';

/** Of a reader that does not leave. */
export const never = new AbortController().signal;

/** What a call tells, to its end. */
export async function drain(call: Call<LogsEnd, LogEvent>): Promise<{ events: LogEvent[]; end: LogsEnd }> {
  const events: LogEvent[] = [];
  for (;;) {
    const step = await call.next();
    if (step.done) return { events, end: step.value };
    events.push(step.value);
  }
}

/** A folder of this test alone, removed when it is over. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'naught-logs-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Three logs in a folder of their own; `config` replaces what the test is about. */
export async function openIn(
  folder: string,
  config: Partial<LogsConfig> = {},
  system: Partial<System> = {},
  { restarted = false } = {},
): Promise<Logs> {
  const logs = new Logs(
    {
      daemon: path.join(folder, 'naught.log'),
      stdout: path.join(folder, 'stdout.log'),
      stderr: path.join(folder, 'stderr.log'),
      maxSize: 10 * 1024 * 1024,
      keep: null,
      format: 'plain',
      ...config,
    },
    { foreground: true, restarted },
    { ...realSystem, ...system },
  );
  onTestFinished(async () => {
    await logs.close(0);
  });
  return logs;
}

/** Calls of the file system that a test replaces. */
export function diskWith(replaced: Partial<System['fs']>): System['fs'] {
  return { ...fs, ...replaced };
}

export function diskError(code: string, text = code): NodeJS.ErrnoException {
  return Object.assign(new Error(text), { code });
}

let pipes = 0;

/** One stream of a worker: what is written to `end` is read by the logs. */
export interface Stream {
  end: net.Socket;
  worker: number;
  /** Resolves when the logs have said that the pipe has ended. */
  ended: Promise<void>;
  /** Writes, and waits until the kernel has it all. */
  write(bytes: string | Buffer): Promise<void>;
  /** Ends the stream and waits until the logs have read it all. */
  finish(bytes?: string | Buffer): Promise<void>;
}

/** Gives the logs the reading end of a new socket pair. */
export async function attachStream(logs: Logs, stream: 'stdout' | 'stderr' = 'stdout', slot = 0): Promise<Stream> {
  return attachPair(await socketPair(), logs, stream, slot);
}

/** One that was written, and has ended, before it came to the logs. */
export async function attachEnded(logs: Logs, bytes: string): Promise<Stream> {
  const pair = await socketPair();
  pair.writer.end(bytes);
  await once(pair.writer, 'finish');
  return attachPair(pair, logs, 'stdout', 0);
}

type Pair = { writer: net.Socket; reader: PipeHandle };

function attachPair({ writer: end, reader }: Pair, logs: Logs, stream: 'stdout' | 'stderr', slot: number): Stream {
  const id = ++pipes;
  const ended = new Promise<void>((resolve) => {
    const pipe = logs.pipe({ id, worker: id, slot, pid: 1000 + id, stream }, resolve);
    pipe.take(reader);
    pipe.read();
  });
  const write = (bytes: string | Buffer) =>
    new Promise<void>((resolve, reject) => {
      end.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  const finish = async (bytes?: string | Buffer) => {
    if (bytes !== undefined) await write(bytes);
    end.end();
    await ended;
  };
  return { end, worker: id, ended, write, finish };
}

async function socketPair(): Promise<Pair> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'naught-pair-'));
  const server = net.createServer({ pauseOnConnect: true }).listen(path.join(folder, 's'));
  await once(server, 'listening');
  const writer = net.connect(path.join(folder, 's'));
  const [socket] = (await once(server, 'connection')) as [{ _handle: PipeHandle | null }];
  const reader = socket._handle!;
  socket._handle = null;
  server.close();
  fs.rmSync(folder, { recursive: true });
  onTestFinished(() => {
    writer.destroy();
  });
  return { writer, reader };
}

/** The archives of a log, oldest first, and the current file: their contents in order. */
export function contents(folder: string, log = 'stdout.log'): Buffer[] {
  const files = [...archives(folder, log), log];
  return files.map((file) => {
    const bytes = fs.readFileSync(path.join(folder, file));
    return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  });
}

export function allOf(folder: string, log = 'stdout.log'): Buffer {
  return Buffer.concat(contents(folder, log));
}

export function archives(folder: string, log = 'stdout.log'): string[] {
  const { name, ext } = path.parse(log);
  return fs
    .readdirSync(folder)
    .filter((file) => file.startsWith(`${name}-`) && (file.endsWith(ext) || file.endsWith(`${ext}.gz`)))
    .sort();
}

/** Waits for what happens in other processes, in timers or in the background. */
export function eventually(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 8000, interval: 5 });
}

/** `count` numbered lines of about `width` bytes. */
export function numberedLines(name: string, count: number, width: number): string {
  const filler = 'x'.repeat(width);
  return Array.from({ length: count }, (_, index) => `${name} ${index} ${filler}\n`).join('');
}

/** Which of the expected numbered lines are missing, torn or there more than once. */
export function faults(bytes: Buffer, names: string[], count: number, width: number): string[] {
  const filler = 'x'.repeat(width);
  const expected = new Set(
    names.flatMap((name) => Array.from({ length: count }, (_, index) => `${name} ${index} ${filler}`)),
  );
  const lines = bytes.toString().split('\n');
  const wrong = lines.filter((line) => line !== '' && !expected.delete(line));
  return [...wrong.map((line) => `torn or twice: ${line}`), ...[...expected].map((line) => `missing: ${line}`)];
}
