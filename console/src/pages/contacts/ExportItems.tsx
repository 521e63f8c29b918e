// Contacts as a file: what is listed, in three forms. The browser downloads it by itself.
import { Menu } from '@mantine/core';
import { IconBraces, IconId, IconTable } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { selectedBusiness } from '../../api';

const FORMATS = [
  { format: 'csv', icon: IconTable },
  { format: 'vcard', icon: IconId },
  { format: 'json', icon: IconBraces },
] as const;

export function ExportItems({ q, tag }: { q?: string; tag?: string }) {
  const { t } = useTranslation('contacts');
  const href = (format: string) => {
    const query = new URLSearchParams({ format });
    if (q) query.set('q', q);
    if (tag) query.set('tag', tag);
    const business = selectedBusiness();
    if (business) query.set('tenant', business);
    return `/api/v1/contacts/export?${query}`;
  };
  return (
    <>
      <Menu.Divider />
      <Menu.Label>{q || tag ? t('export.some') : t('export.all')}</Menu.Label>
      {FORMATS.map(({ format, icon: Icon }) => (
        <Menu.Item key={format} component="a" href={href(format)} download leftSection={<Icon size={16} />}>
          {t(`export.${format}`)}
        </Menu.Item>
      ))}
    </>
  );
}
