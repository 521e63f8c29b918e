// The team as the server tells it.
import { useQuery } from '@tanstack/react-query';

import { sendJson } from '../../api/client';
import { usePages, type Page } from '../../api/pages';

export const MEMBERS = ['members'] as const;
export const INVITATIONS = ['invitations'] as const;

export interface Member {
  id: string;
  email: string;
  name: string;
  role: string;
  locations: string[];
  active: boolean;
  joined_at: string;
  last_seen_at: string | null;
  /** `number` is absent for those who do not look after the team. */
  number?: { number?: string | null; confirmed: boolean } | null;
}

export interface Invitation {
  id: string;
  email: string;
  role: string;
  locations: string[];
  invited_by: string;
  created_at: string;
  expires_at: string;
  valid: boolean;
}

export interface Sent {
  invitation: Invitation;
  mailed: boolean;
  link: string | null;
}

export interface Roles {
  roles: { name: string; permissions: string[]; may_give: boolean }[];
  permissions: { name: string; about: string }[];
}

const paged = (path: string, cursor: string | undefined) => (cursor ? `${path}?cursor=${encodeURIComponent(cursor)}` : path);

export function useMembers() {
  return usePages<Member>(MEMBERS, (cursor) => sendJson<Page<Member>>('GET', paged('/members', cursor)));
}

export function useInvitations() {
  return usePages<Invitation>(INVITATIONS, (cursor) => sendJson<Page<Invitation>>('GET', paged('/invitations', cursor)));
}

export function useRoles() {
  return useQuery({ queryKey: ['roles'], queryFn: () => sendJson<Roles>('GET', '/roles'), staleTime: 5 * 60_000 });
}
