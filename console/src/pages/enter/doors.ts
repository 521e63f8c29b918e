// What the public pages ask of the server, and how they go on from there.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useNavigate } from 'react-router';

import { sendJson } from '../../api/client';
import { SESSION, safeNext, type Session } from '../../api/session';
import { NEW_PASSWORD } from '../../shell/Gate';

export interface Doors {
  setup: boolean;
  mail: boolean;
  passkeys: boolean;
  sso: string | null;
}

export interface FactorAsked {
  challenge: string;
  factors: ('totp' | 'recovery_code' | 'passkey')[];
  passkey: Record<string, unknown> | null;
}

export function useDoors() {
  return useQuery({ queryKey: ['doors'], queryFn: () => sendJson<Doors>('GET', '/session/options') });
}

/** Somebody is in: shows them what they came for. */
export function useEntered(): (session: Session, next?: string | null) => void {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useCallback(
    (session, next = null) => {
      queries.clear();
      queries.setQueryData(SESSION, session);
      void navigate(session.must_change_password ? NEW_PASSWORD : safeNext(next), { replace: true });
    },
    [queries, navigate],
  );
}

export function isSession(answer: Session | FactorAsked): answer is Session {
  return 'person' in answer;
}
