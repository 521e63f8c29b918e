// The person's language follows them to other machines.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { sendJson } from '../api/client';
import { SESSION, useSession, type Session } from '../api/session';
import { isLanguage, speak, type Language } from '../i18n';

/** Speaks the language that the account says. */
export function useOwnLanguage(): void {
  const { session } = useSession();
  const wanted = session.person.language;
  useEffect(() => {
    if (isLanguage(wanted)) void speak(wanted);
  }, [wanted]);
}

/** Keeps a choice with the account. That it fails is no reason to go back to the other language. */
export function useRememberLanguage(): (language: Language) => void {
  const queries = useQueryClient();
  return (language) => {
    queries.setQueryData<Session | null>(SESSION, (s) => s && { ...s, person: { ...s.person, language } });
    void sendJson('PATCH', '/account', { language }).catch(() => {});
  };
}
