import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { usableCpus } from '../../src/protocol/usable-cpus.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'naught-cpus-'));
});
afterEach(() => rmSync(root, { recursive: true }));

it.each<[string, number, string, Record<string, string>]>([
  ['a container of cgroup v2', 2, '0::/', { 'cpu.max': '200000 100000\n' }],
  ['part of a CPU more, which is none', 2, '0::/', { 'cpu.max': '290000 100000\n' }],
  ['part of one, and there is one at least', 1, '0::/', { 'cpu.max': '50000 100000\n' }],
  ['no limit of cgroup v2', 16, '0::/', { 'cpu.max': 'max 100000\n' }],
  ['the limit of a group above', 3, '0::/a/b', { 'a/b/cpu.max': 'max 100000\n', 'a/cpu.max': '300000 100000\n' }],
  ['a path of the host', 4, '0::/kubepods/pod1', { 'cpu.max': '400000 100000\n' }],
  [
    'cgroup v1',
    2,
    '5:memory:/\n4:cpu,cpuacct:/docker/a\n0::/',
    { 'cpu,cpuacct/docker/a/cpu.cfs_quota_us': '20000\n', 'cpu,cpuacct/docker/a/cpu.cfs_period_us': '10000\n' },
  ],
  ['no limit of cgroup v1', 16, '4:cpu:/', { 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' }],
  ['more than there are', 16, '0::/', { 'cpu.max': '6400000 100000\n' }],
  ['a file that says nothing', 16, '0::/', { 'cpu.max': 'much' }],
  ['a system without groups', 16, '', {}],
])('of 16 CPUs %s leaves %i', (_what, cpus, groups, files) => {
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  write('proc/self/cgroup', `${groups}\n`);
  for (const [file, text] of Object.entries(files)) write(join('sys/fs/cgroup', file), text);
  expect(usableCpus(root, 16)).toBe(cpus);
});
