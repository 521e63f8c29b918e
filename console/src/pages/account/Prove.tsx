// What changes a way in asks for the password once more: a session alone may be stolen. Who has none must have signed in just now.
import { Button, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { isDeclined } from '../../api/passkey';
import { useSession } from '../../api/session';
import { useProblemText } from '../../ui';

export function Prove<T>({ opened, title, text, confirm, danger = false, act, onClose, onDone }: {
  opened: boolean;
  title: string;
  text: string;
  /** What the button says: the deed itself. */
  confirm: string;
  danger?: boolean;
  act: (password: string) => Promise<T>;
  onClose: () => void;
  onDone: (made: T) => void;
}) {
  const { t } = useTranslation('account');
  const { session } = useSession();
  const words = useProblemText();
  const [password, setPassword] = useState('');
  const prove = useMutation({ mutationFn: () => act(password), onSuccess: onDone, onSettled: () => setPassword('') });
  const problem = prove.error && !isDeclined(prove.error) ? words(prove.error) : undefined;
  const close = () => {
    prove.reset();
    setPassword('');
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={title} centered>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          prove.mutate();
        }}
      >
        <Stack>
          <Text size="sm">{text}</Text>
          {session.person.has_password && (
            <PasswordInput
              label={t('password.current')}
              autoComplete="current-password"
              data-autofocus
              value={password}
              onChange={(e) => setPassword(e.currentTarget.value)}
              error={problem}
            />
          )}
          {!session.person.has_password && problem && <Text c="red" size="sm" role="alert">{problem}</Text>}
          <Button type="submit" color={danger ? 'red' : undefined} loading={prove.isPending}>{confirm}</Button>
        </Stack>
      </form>
    </Modal>
  );
}
