// How far the agent may go alone: the rules, and everything it can do.
import { Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';

import { PageBody, PageHeader } from '../../ui';
import { Actions } from './Actions';
import { Rules } from './Rules';

const TABS = ['rules', 'actions'] as const;

export default function Policies() {
  const { t } = useTranslation('policies');
  const navigate = useNavigate();
  const tab = useParams()['*'];
  return (
    <PageBody>
      <PageHeader title={t('title')} text={t('text')} />
      <Tabs value={TABS.find((name) => name === tab) ?? 'rules'} onChange={(name) => void navigate(name === 'rules' ? '/policies' : `/policies/${name}`)} keepMounted={false}>
        <Tabs.List mb="lg">
          {TABS.map((name) => <Tabs.Tab key={name} value={name}>{t(`tab.${name}`)}</Tabs.Tab>)}
        </Tabs.List>
        <Tabs.Panel value="rules"><Rules /></Tabs.Panel>
        <Tabs.Panel value="actions"><Actions /></Tabs.Panel>
      </Tabs>
    </PageBody>
  );
}
