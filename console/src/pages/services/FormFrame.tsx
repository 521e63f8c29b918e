// The window around a form: what is wrong, remove, cancel, save.
import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { ConfirmButton } from '../../ui';

export function FormFrame({ title, problem, saving, onClose, onSubmit, remove, children }: {
  title: string;
  problem: string | null;
  saving: boolean;
  onClose: () => void;
  onSubmit: () => void;
  remove?: { name: string; run: () => void } | undefined;
  children: ReactNode;
}) {
  const { t } = useTranslation('services');
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          onSubmit();
        }}
      >
        <Stack>
          {children}
          {problem && <Alert color="red" role="alert" style={{ whiteSpace: 'pre-line' }}>{problem}</Alert>}
          <Group justify="space-between">
            {remove ? (
              <ConfirmButton
                question={{ title: t('remove.title', { name: remove.name }), text: t('remove.text'), confirm: t('remove.yes') }}
                onConfirm={remove.run}
              >
                {t('remove.button')}
              </ConfirmButton>
            ) : (
              <span />
            )}
            <Group>
              <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
              <Button type="submit" loading={saving}>{t('save')}</Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
