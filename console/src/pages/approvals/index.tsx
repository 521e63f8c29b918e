// What the agent does not do alone: the list of requests, and one of them word for word.
import { Box, Select, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconShieldCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useMatch, useNavigate } from 'react-router';

import { EmptyState, PageBody, PageHeader, useChoices, useShortcuts } from '../../ui';
import classes from './approvals.module.css';
import { STATES } from './data';
import { List, useListed } from './List';
import { Request } from './Request';

export default function Approvals() {
  const { t } = useTranslation(['approvals', 'policies']);
  const navigate = useNavigate();
  const [params, choose] = useChoices();
  const open = useMatch('/approvals/:id')?.params.id;
  const narrow = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false });
  const state = STATES.find((s) => s === params.get('state'));
  const search = state ? `?state=${state}` : '';
  const listed = useListed(state);

  const step = (by: number) => () => {
    const at = listed.all.findIndex((one) => one.id === open);
    const next = listed.all[at < 0 ? 0 : Math.min(listed.all.length - 1, Math.max(0, at + by))];
    if (!next) return;
    // Drawn at once: the next key is for this request.
    void navigate({ pathname: `/approvals/${next.id}`, search }, { flushSync: true });
    document.querySelector(`a[href^="/approvals/${CSS.escape(next.id)}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  const close = () => void navigate({ pathname: '/approvals', search });
  useShortcuts(t('title'), [
    { keys: 'j', label: t('keys.next'), run: step(1) },
    { keys: 'k', label: t('keys.previous'), run: step(-1) },
    ...(open ? [{ keys: 'escape', label: t('keys.leave'), run: close }] : []),
  ]);

  const request = open && <Request key={open} id={open} onBack={narrow ? close : undefined} />;
  if (narrow && open) return <PageBody>{request}</PageBody>;
  const side = (
    <Select
      aria-label={t('filter')}
      clearable
      placeholder={t('everything')}
      value={state ?? null}
      onChange={(state) => choose({ state })}
      data={STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
      clearButtonProps={{ 'aria-label': t('everything') }}
      w={{ base: '100%', xs: 220 }}
    />
  );
  return (
    <PageBody width={1320}>
      <PageHeader title={t('title')} text={t('text')} actions={side} />
      <div className={classes.frame} data-alone={narrow || !listed.something || undefined}>
        <List listed={listed} state={state} open={open} search={search} />
        {!narrow && listed.something && (
          <section className={classes.pane} aria-label={t('request')}>
            {request || (
              <Box pt="xl">
                <EmptyState compact icon={IconShieldCheck} title={t('none.title')} text={<Text inherit span>{t('none.text')}</Text>} />
              </Box>
            )}
          </section>
        )}
      </div>
    </PageBody>
  );
}
