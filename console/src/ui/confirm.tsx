// "Really?" for what cannot be taken back.
import { Button, Text, type ButtonProps } from '@mantine/core';
import { modals } from '@mantine/modals';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export interface Question {
  title: string;
  text: ReactNode;
  /** What the button says: the deed itself, not "OK". */
  confirm: string;
  danger?: boolean;
}

/** `const sure = useConfirm(); if (await sure({ … })) …` */
export function useConfirm(): (question: Question) => Promise<boolean> {
  const { t } = useTranslation();
  return ({ title, text, confirm, danger = true }) =>
    new Promise((answer) => {
      modals.openConfirmModal({
        title,
        centered: true,
        children: <Text component="div" size="sm">{text}</Text>,
        labels: { confirm, cancel: t('cancel') },
        confirmProps: danger ? { color: 'red' } : {},
        onConfirm: () => answer(true),
        onClose: () => answer(false),
      });
    });
}

export function ConfirmButton({ question, onConfirm, children, ...button }: ButtonProps & {
  question: Question;
  onConfirm: () => void;
  children: ReactNode;
}) {
  const sure = useConfirm();
  return (
    <Button variant="light" color="red" {...button} onClick={() => void sure(question).then((yes) => yes && onConfirm())}>
      {children}
    </Button>
  );
}
