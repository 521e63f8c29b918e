// Pages outside the console's frame: sign-in, invitations, new passwords. One line each.
import type { PublicEntry } from './types';

export const publicPages: PublicEntry[] = [
];
