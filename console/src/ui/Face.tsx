// A person's initials in a circle: for the eye only, the name stands beside it.
import { Avatar, type AvatarProps } from '@mantine/core';

import classes from './Face.module.css';

export function Face({ name, color = 'initials', ...others }: AvatarProps & { name: string }) {
  return (
    <Avatar name={name} color={color} aria-hidden {...others}>
      <span className={classes.initials} data-initials={initials(name)} />
    </Avatar>
  );
}

/** `María López` is ML, a number its first digits. */
export function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0]!, words.at(-1)!].map((w) => [...w][0]) : [...(words[0] ?? '?')].slice(0, 2);
  return letters.join('').toUpperCase();
}
