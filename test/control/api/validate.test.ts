import { describe, expect, it } from 'vitest';
import { validateParams } from '../../../src/daemon/control/api/validate.ts';

const messageOf = async (name: Parameters<typeof validateParams>[0], params: unknown): Promise<string | null> => {
  try {
    await validateParams(name, params);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};

describe('parameters', () => {
  it('that fit are taken', async () => {
    expect(await messageOf('deploy', {})).toBeNull();
    expect(
      await messageOf('deploy', { workerCount: 'auto', timeout: 0.5, environment: { A: '1' }, args: ['x'] }),
    ).toBeNull();
    expect(await messageOf('stop', { timeout: null })).toBeNull();
  });

  it.each([
    ['deploy', { workrCount: 3 }, 'workrCount is not known'],
    ['deploy', { workerCount: -1 }, 'workerCount must be >= 0, or must be "auto"'],
    ['deploy', { workerCount: '3' }, 'workerCount must be a whole number, or must be "auto"'],
    ['deploy', { workerCount: 1.5 }, 'workerCount must be a whole number, or must be "auto"'],
    ['deploy', { environment: { A: 1 } }, 'environment.A must be a string, or must be null'],
    ['deploy', { environment: { 'A=B': '1' } }, 'environment.A=B is not known'],
    ['deploy', { timeout: 'soon' }, 'timeout must be null, or must be a number'],
    ['deploy', { cwd: '' }, 'cwd must not have fewer than 1 characters'],
    ['deploy', [], 'the parameters must be an object'],
    ['status', { a: 1 }, 'a is not known'],
    ['stop', { timeout: -1 }, 'timeout must be null, or must be >= 0'],
  ] as const)('of %s that do not fit are named: %j', async (name, params, message) => {
    expect(await messageOf(name, params)).toBe(message);
  });
});
