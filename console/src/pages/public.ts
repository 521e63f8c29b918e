// Pages outside the console's frame: sign-in, invitations, new passwords. One line each.
import type { PublicEntry } from './types';

export const publicPages: PublicEntry[] = [
  { path: '/sign-in', load: () => import('./enter/SignIn') },
  { path: '/new-password', load: () => import('./enter/NewPassword') },
  { path: '/forgot', load: () => import('./enter/Forgot') },
  { path: '/reset/:token', load: () => import('./enter/Reset') },
  { path: '/invitation/:token', load: () => import('./enter/Invitation') },
  { path: '/setup/:token', load: () => import('./enter/FirstOwner') },
];
