// What the shell must know about a page.
import type { Icon } from '@tabler/icons-react';
import type { ComponentType } from 'react';

import type { Need } from '../api/session';

export interface PageEntry {
  /** As the router writes it; `/inbox/*` when the page has routes of its own. */
  path: string;
  /** Last word of the label's key in `i18n/*.json`: `nav.<name>`. A page without one is reached from others only. */
  nav?: string;
  icon?: Icon;
  group?: 'work' | 'build' | 'settings' | 'operator';
  need: Need;
  /** Shown to an operator who has no business open. */
  withoutBusiness?: boolean;
  /** A hook: how many things wait there; shown beside its name. */
  badge?: () => number;
  load: () => Promise<{ default: ComponentType }>;
}

/** A page for people who are not signed in. */
export interface PublicEntry {
  path: string;
  load: () => Promise<{ default: ComponentType }>;
}
