// The top of the editor: which agent, what state its draft is in, and what can be done with it.
import { ActionIcon, Anchor, Badge, Box, Button, Group, Menu, Text, Title, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { IconArrowLeft, IconDots, IconHistory, IconPencil, IconRocket, IconStar, IconTrash, IconTrashX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';

import { useCan } from '../../api';
import { told, undoable, useConfirm, useFailure } from '../../ui';
import { agents, type Agent } from './model';
import { Publish } from './Publish';
import { Rename } from './Rename';
import type { DraftState } from './useDraft';
import { Versions } from './Versions';

export function EditorHeader({ agent, draft }: { agent: Agent; draft: DraftState }) {
  const { t } = useTranslation('agents');
  const may = useCan('agent:write');
  const sure = useConfirm();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const onError = useFailure();
  const [publishing, publish] = useDisclosure(false);
  const [versions, showVersions] = useDisclosure(false);
  const [renaming, rename] = useDisclosure(false);
  const fresh = () => queries.invalidateQueries({ queryKey: ['agents'] });
  const makeDefault = useMutation({ mutationFn: () => agents.change(agent.id, { is_default: true }), onSuccess: () => (told(t('menu.isDefault', { name: agent.name })), fresh()), onError });
  const remove = useMutation({
    mutationFn: () => agents.remove(agent.id),
    onSuccess: () => {
      void navigate('/agents');
      return fresh();
    },
    onError,
  });
  const discard = async () => {
    const before = draft.spec;
    await draft.flush();
    await agents.discard(agent.id);
    await draft.reload();
    void fresh();
    undoable(t('menu.discarded'), () => draft.change(before));
  };
  return (
    <Group component="header" px="md" py="sm" justify="space-between" gap="sm">
      <Group gap="xs" miw={0} wrap="nowrap" flex="1 1 220px">
        <Tooltip label={t('back')}>
          <ActionIcon component={Link} to="/agents" variant="subtle" color="gray" aria-label={t('back')}><IconArrowLeft size={18} /></ActionIcon>
        </Tooltip>
        <Box miw={0}>
          <Group gap="xs" wrap="nowrap">
            <Title order={1} size="h3" lineClamp={1}>{agent.name}</Title>
            {agent.is_default && <Badge variant="light" style={{ flexShrink: 0 }}>{t('list.default')}</Badge>}
          </Group>
          <Group gap={8}>
            <Text size="xs" c="dimmed">{t('published', { n: agent.version })}</Text>
            <State draft={draft} />
          </Group>
        </Box>
      </Group>
      <Group gap="xs">
        <Button variant="default" leftSection={<IconHistory size={16} />} onClick={showVersions.open}>{t('versions.open')}</Button>
        {may && (
          <Button leftSection={<IconRocket size={16} />} disabled={!draft.exists || draft.saving === 'conflict'} onClick={() => void draft.flush().then((kept) => kept && publish.open())}>
            {t('publish.open')}
          </Button>
        )}
        {may && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="default" size="input-sm" aria-label={t('menu.label')}><IconDots size={18} /></ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={16} />} onClick={rename.open}>{t('menu.rename')}</Menu.Item>
              {!agent.is_default && <Menu.Item leftSection={<IconStar size={16} />} onClick={() => makeDefault.mutate()}>{t('menu.makeDefault')}</Menu.Item>}
              {draft.exists && <Menu.Item leftSection={<IconTrashX size={16} />} onClick={() => void discard().catch(onError)}>{t('menu.discard')}</Menu.Item>}
              {!agent.is_default && (
                <Menu.Item
                  color="red"
                  leftSection={<IconTrash size={16} />}
                  onClick={() =>
                    void sure({ title: t('menu.removeTitle', { name: agent.name }), text: t('menu.removeText'), confirm: t('menu.remove') }).then((yes) => yes && remove.mutate())
                  }
                >
                  {t('menu.remove')}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      {publishing && <Publish agent={agent} draft={draft} onClose={publish.close} />}
      {versions && <Versions agent={agent} onClose={showVersions.close} onRestored={() => void (draft.exists ? undefined : draft.reload())} />}
      {renaming && <Rename agent={agent} onClose={rename.close} />}
    </Group>
  );
}

function State({ draft }: { draft: DraftState }) {
  const { t } = useTranslation('agents');
  const bad = draft.saving === 'failed' || draft.saving === 'conflict';
  return (
    <Text size="xs" c={bad ? 'red' : 'dimmed'} role="status" aria-live="polite">
      · {t(`saving.${draft.saving}`)}{' '}
      {draft.saving === 'failed' && <Anchor component="button" size="xs" onClick={() => void draft.flush()}>{t('common:error.retry')}</Anchor>}
      {draft.exists && draft.basedOn !== draft.published && !bad ? ` · ${t('saving.older', { n: draft.basedOn })}` : ''}
    </Text>
  );
}
