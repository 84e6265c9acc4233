import { expect, it, vi } from 'vitest';
import { Recent } from '../../src/daemon/control/recent.ts';

it('asks once for all who come within a tenth of a second, and anew when something has changed, or asking failed', async () => {
  vi.useFakeTimers();
  try {
    let asked = 0;
    const recent = new Recent(async () => {
      asked += 1;
      if (asked === 4) throw new Error('gone');
      return asked;
    });
    expect(await Promise.all([recent.get(), recent.get()])).toEqual([1, 1]);
    vi.advanceTimersByTime(99);
    expect(await recent.get()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await recent.get()).toBe(2);
    recent.forget();
    expect(await recent.get()).toBe(3);
    recent.forget();
    await expect(recent.get()).rejects.toThrow('gone');
    expect(await recent.get()).toBe(5);
  } finally {
    vi.useRealTimers();
  }
});
