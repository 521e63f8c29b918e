// Every page, one line each. Their order in the navigation is that of `ORDER` in `shell/navigation.ts`.
import {
  IconActivity,
  IconBook2,
  IconBuildingStore,
  IconCalendar,
  IconChartAreaLine,
  IconChecklist,
  IconHistory,
  IconInbox,
  IconKey,
  IconPlugConnected,
  IconRobot,
  IconScissors,
  IconSettings,
  IconShieldHalf,
  IconUserCircle,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';

import { useWaiting } from './inbox/counts';
import type { PageEntry } from './types';

export const pages: PageEntry[] = [
  { path: '/inbox/*', nav: 'inbox', icon: IconInbox, need: 'conversation:read', badge: useWaiting, load: () => import('./inbox') },
  { path: '/overview', nav: 'overview', icon: IconChartAreaLine, group: 'work', need: 'stats:read', load: () => import('./overview') },
  { path: '/channels', nav: 'channels', icon: IconPlugConnected, group: 'build', need: 'channel:read', load: () => import('./channels') },
  { path: '/settings', nav: 'settings', icon: IconSettings, group: 'settings', need: 'settings:read', load: () => import('./settings') },
  { path: '/tenants', nav: 'tenants', icon: IconBuildingStore, group: 'operator', need: 'operator', withoutBusiness: true, load: () => import('./tenants') },
  { path: '/system', nav: 'system', icon: IconActivity, group: 'operator', need: 'operator', withoutBusiness: true, load: () => import('./system') },
import {
  IconBook2,
  IconCalendar,
  IconChecklist,
  IconHistory,
  IconKey,
  IconRobot,
  IconScissors,
  IconShieldHalf,
  IconUserCircle,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
];
