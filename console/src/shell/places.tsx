// Routes that are no page: the front door and the dead end.
import { Button } from '@mantine/core';
import { IconDoorOff, IconMapQuestion } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate } from 'react-router';

import { useCan, type Need } from '../api/session';
import { EmptyState } from '../ui/states';
import { href, useNavPages } from './navigation';

/** `/`: the first page this person may see. */
export function FrontDoor() {
  const first = useNavPages()[0];
  const { t } = useTranslation();
  if (first) return <Navigate to={href(first)} replace />;
  return <EmptyState icon={IconDoorOff} title={t('none.title')} text={t('none.text')} />;
}

export function NotFound() {
  const { t } = useTranslation();
  const back = <Button component={Link} to="/" variant="light">{t('lost.back')}</Button>;
  return <EmptyState icon={IconMapQuestion} title={t('lost.title')} text={t('lost.text')} action={back} />;
}

/** A page that this person may not see says so instead of failing piece by piece. */
export function Allowed({ need, children }: { need: Need; children: React.ReactNode }) {
  const { t } = useTranslation();
  const can = useCan(need);
  if (can) return children;
  return <EmptyState icon={IconDoorOff} title={t('forbidden.title')} text={t('forbidden.text', { need })} />;
}
