// Every page, one line each. Their order in the navigation is that of `ORDER` in `shell/navigation.ts`.
import {
  IconActivity,
  IconBook2,
  IconBuildingStore,
  IconCalendar,
  IconChartAreaLine,
  IconChecklist,
  IconCoins,
  IconHistory,
  IconInbox,
  IconKey,
  IconPlugConnected,
  IconRobot,
  IconScissors,
  IconSettings,
  IconShieldCheck,
  IconShieldCog,
  IconShieldHalf,
  IconTool,
  IconUserCircle,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';

import { useForTeam } from './approvals/counts';
import { useWaiting } from './inbox/counts';
import type { PageEntry } from './types';

export const pages: PageEntry[] = [
  { path: '/inbox/*', nav: 'inbox', icon: IconInbox, need: 'conversation:read', badge: useWaiting, load: () => import('./inbox') },
  { path: '/approvals/*', nav: 'approvals', icon: IconShieldCheck, need: 'approval:read', badge: useForTeam, load: () => import('./approvals') },
  { path: '/policies/*', nav: 'policies', icon: IconShieldCog, group: 'build', need: 'policy:read', load: () => import('./policies') },
  { path: '/overview', nav: 'overview', icon: IconChartAreaLine, group: 'work', need: 'stats:read', load: () => import('./overview') },
  { path: '/tools/*', nav: 'tools', icon: IconTool, group: 'build', need: 'tool:read', load: () => import('./tools') },
  { path: '/channels', nav: 'channels', icon: IconPlugConnected, group: 'build', need: 'channel:read', load: () => import('./channels') },
  { path: '/settings', nav: 'settings', icon: IconSettings, group: 'settings', need: 'settings:read', load: () => import('./settings') },
  { path: '/tenants', nav: 'tenants', icon: IconBuildingStore, group: 'operator', need: 'operator', withoutBusiness: true, load: () => import('./tenants') },
  { path: '/system', nav: 'system', icon: IconActivity, group: 'operator', need: 'operator', withoutBusiness: true, load: () => import('./system') },
  { path: '/team', nav: 'team', icon: IconUsersGroup, group: 'settings', need: 'member:read', load: () => import('./team') },
  { path: '/roles', nav: 'roles', icon: IconShieldHalf, group: 'settings', need: 'member:read', load: () => import('./roles') },
  { path: '/keys', nav: 'keys', icon: IconKey, group: 'settings', need: 'key:read', load: () => import('./keys') },
  { path: '/audit', nav: 'audit', icon: IconHistory, group: 'settings', need: 'audit:read', load: () => import('./audit') },
  { path: '/account', nav: 'account', icon: IconUserCircle, group: 'settings', need: null, withoutBusiness: true, load: () => import('./account') },
  { path: '/agents/*', nav: 'agents', icon: IconRobot, group: 'build', need: 'agent:read', load: () => import('./agents') },
  { path: '/prompts', nav: 'prompts', icon: IconBook2, group: 'build', need: 'prompt:read', load: () => import('./prompts') },
  { path: '/calendar', nav: 'calendar', icon: IconCalendar, group: 'work', need: 'booking:read', load: () => import('./calendar') },
  { path: '/services/*', nav: 'services', icon: IconScissors, group: 'build', need: 'service:read', load: () => import('./services') },
  { path: '/contacts/*', nav: 'contacts', icon: IconUsers, group: 'work', need: 'contact:read', load: () => import('./contacts') },
  { path: '/tasks', nav: 'tasks', icon: IconChecklist, group: 'work', need: 'task:read', load: () => import('./tasks') },
  { path: '/tokens', nav: 'tokens', icon: IconCoins, group: 'settings', need: 'tokens:read', load: () => import('./tokens') },
];
