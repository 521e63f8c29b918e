// The inbox: the list, the thread and who it is with; one after the other on a phone.
import { CloseButton, Drawer, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue, useLocalStorage, useMediaQuery } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useMatch, useNavigate } from 'react-router';

import { useChoices, usePageTitle } from '../../ui';
import { Conversation } from './ConversationView';
import { useConversations } from './data';
import { filters, readView, writeView, type View } from './FilterBar';
import { NothingOpen } from './NothingOpen';
import classes from './inbox.module.css';
import { useListKeys } from './keys';
import { List } from './List';
import { Results } from './Search';

export default function Inbox() {
  const { t } = useTranslation('inbox');
  const navigate = useNavigate();
  const { search } = useLocation();
  const [params, choose] = useChoices();
  const open = useMatch('/inbox/:id')?.params.id;
  const phone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const wide = useMediaQuery('(min-width: 75em)', true, { getInitialValueInEffect: false });
  const [panel, setPanel] = useLocalStorage({ key: 'frontdesk.inbox.panel', defaultValue: true, getInitialValueInEffect: false });
  const [drawer, setDrawer] = useState(false);
  const view = readView(params);
  const found = params.get('at') ?? undefined;
  const [wanted, setWanted] = useState(params.get('q') ?? '');
  const [query] = useDebouncedValue(wanted.trim(), 250);
  const searching = query.length >= 2;
  const list = useConversations(filters(view));
  const searchBox = useRef<HTMLInputElement>(null);
  const kept = writeView(view).toString();
  usePageTitle(t('common:nav.inbox'));
  useEffect(() => setDrawer(false), [open]);

  const setView = (next: View) => {
    setWanted('');
    choose(writeView(next));
  };
  const close = () => void navigate({ pathname: '/inbox', search: kept });
  useListKeys({ items: list.items ?? [], open, search: kept ? `?${kept}` : '', searchBox, onClose: close });

  const showPanel = panel && wide && !!open;
  const body = open && (
    <Conversation
      key={open}
      id={open}
      found={found}
      words={found ? query.split(/\s+/) : undefined}
      phone={!!phone}
      panel={wide ? panel : drawer}
      onPanel={() => (wide ? setPanel(!panel) : setDrawer(!drawer))}
      onBack={close}
      panelIn={wide ? (panel ? 'column' : 'none') : 'drawer'}
      renderDrawer={(content) => (
        <Drawer opened={drawer} onClose={() => setDrawer(false)} position="right" size={phone ? '100%' : 360} withCloseButton={false} padding={0} attributes={{ content: { 'aria-label': t('panel.title') } }}>
          {content}
        </Drawer>
      )}
      onDrawerClose={() => setDrawer(false)}
    />
  );

  const title = <VisuallyHidden component="h1">{t('common:nav.inbox')}</VisuallyHidden>;
  if (phone && open) return <div className={classes.frame} style={{ gridTemplateColumns: 'minmax(0, 1fr)' }}>{title}{body}</div>;
  return (
    <div className={classes.frame} data-panel={showPanel || undefined} style={phone ? { gridTemplateColumns: 'minmax(0, 1fr)' } : undefined}>
      {title}
      <section className={`${classes.pane} ${classes.list}`} aria-label={t('list.label')}>
        <TextInput
          ref={searchBox}
          m={10}
          value={wanted}
          onChange={(e) => setWanted(e.currentTarget.value)}
          onKeyDown={(e) => e.key === 'Escape' && (setWanted(''), e.currentTarget.blur())}
          placeholder={t('search.placeholder')}
          aria-label={t('search.placeholder')}
          leftSection={<IconSearch size={16} />}
          rightSection={wanted ? <CloseButton size="sm" onClick={() => setWanted('')} aria-label={t('search.clear')} /> : null}
          maxLength={200}
        />
        {searching ? <Results query={query} open={open} found={found} /> : <List list={list} view={view} onView={setView} open={open} search={search && !params.get('at') ? search : kept ? `?${kept}` : ''} />}
      </section>
      {!phone && (body || <NothingOpen />)}
    </div>
  );
}
