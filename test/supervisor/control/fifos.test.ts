import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Fifos } from '../../../src/daemon/supervisor/control/fifos.ts';
import { eventually } from '../../support/eventually.ts';
import { descriptors } from '../../support/processes.ts';

const refuse = (text: string) => expect.unreachable(text);

test('gives pipes whose writing end another process can open by path, more of them than are kept ready', () => {
  const fifos = new Fifos(process.env.PATH);
  const pipes = Array.from({ length: 20 }, () => fifos.take(refuse)!);
  for (const { read, write } of pipes) {
    const { status } = spawnSync('sh', ['-c', 'echo one > /dev/stdout; echo two >> /proc/self/fd/1'], {
      stdio: ['ignore', write, 'inherit'],
    });
    fs.closeSync(write);
    expect([status, fs.readFileSync(read, 'utf8')]).toEqual([0, 'one\ntwo\n']);
    fs.closeSync(read);
  }
});

test('has some ready before they are needed, and leaves no folder behind', async () => {
  const folder = temporaryFolder();
  const fifos = new Fifos(process.env.PATH, [path.join(folder, 'missing'), folder]);
  expect(fs.readdirSync(folder)).toHaveLength(1);
  await eventually(() => (fs.readdirSync(folder).length === 0 ? true : undefined));
  const { read, write } = fifos.take(refuse)!;
  expect(fs.fstatSync(write).isFIFO()).toBe(true);
  fs.closeSync(read);
  fs.closeSync(write);
});

test('keeps few when no more workers are started: each takes two descriptors of the application', async () => {
  const open = descriptors(process.pid);
  const fifos = new Fifos(process.env.PATH);
  for (let taken = 0; taken < 80; taken++) {
    const { read, write } = fifos.take(refuse)!;
    fs.closeSync(read);
    fs.closeSync(write);
  }
  await fifos.ready();
  await eventually(() => (descriptors(process.pid) <= open + 8 ? true : undefined));
});

test('says once that there can be none, and why', () => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'mkfifo'), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
  const fifos = new Fifos(folder);
  const said: string[] = [];
  expect([fifos.take((text) => said.push(text)), fifos.take((text) => said.push(text))]).toEqual([null, null]);
  expect(said).toEqual(['/dev/stdout and /dev/stderr cannot be opened in workers: mkfifo ended with 3']);
});

test('is ready, with nothing, when what makes them leaves rubbish behind', async () => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'mkfifo'), '#!/bin/sh\necho > "$3.rubbish"\nexit 3\n', { mode: 0o755 });
  const places = temporaryFolder();
  const fifos = new Fifos(folder, [places]);
  await fifos.ready();
  expect(fs.readdirSync(places)).toEqual([]);
});

function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'naught-fifos-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}
