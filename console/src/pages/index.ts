// Every page, one line each. Their order in the navigation is that of `ORDER` in `shell/navigation.ts`.
import { IconInbox } from '@tabler/icons-react';

import type { PageEntry } from './types';

export const pages: PageEntry[] = [
  { path: '/inbox/*', nav: 'inbox', icon: IconInbox, need: 'conversation:read', load: () => import('./inbox') },
];
