import { isDeepStrictEqual } from 'node:util';
import type { ChangedVariables, Changes } from '../../../protocol/release-schemas.ts';
import type { Release } from '../machine/state.ts';
import { type Runnable, shownOf } from './release.ts';

type Environment = Release['environment'];

/** What `next` has that `current` has not. Of the environment the names alone. */
export function changesOf(current: Runnable, next: Runnable): Changes {
  const from: Record<string, unknown> = shownOf(current);
  const to: Record<string, unknown> = shownOf(next);
  const changed = Object.keys(to).filter((name) => !isDeepStrictEqual(from[name], to[name]));
  const environment = changedVariables(current.environment, next.environment);
  const isSame = Object.values(environment).every((names) => names.length === 0);
  return {
    ...Object.fromEntries(changed.map((name) => [name, { from: from[name], to: to[name] }])),
    ...(isSame ? {} : { environment }),
  };
}

/** Names, in the order of the alphabet. */
export function changedVariables(former: Environment, next: Environment): ChangedVariables {
  const names = Object.keys(next).sort();
  const isNew = (name: string) => !Object.hasOwn(former, name);
  return {
    added: names.filter(isNew),
    changed: names.filter((name) => !isNew(name) && former[name] !== next[name]),
    removed: Object.keys(former)
      .filter((name) => !Object.hasOwn(next, name))
      .sort(),
  };
}
