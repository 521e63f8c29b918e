// What was decided about each call, by which rule, knowing what.
import { Accordion, Anchor, Badge, Code, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Json, Time } from '../../ui';
import { LevelBadge, RuleName } from '../policies/RuleName';
import type { Decision } from './data';

const COLOURS: Record<string, string> = { run: 'green', approved: 'green', waiting: 'yellow', refused: 'red' };

export function Decisions({ of }: { of: Decision[] }) {
  const { t } = useTranslation('inbox');
  return (
    <section>
      <Title order={3} mb={6}>{t('trace.decisions')}</Title>
      <Stack gap="xs">
        {of.map((one) => (
          <Paper key={`${one.step}.${one.n}`} withBorder p="sm" radius="md">
            <Group justify="space-between" wrap="nowrap" mb={4}>
              <Group gap={6}>
                <Code>{one.action}</Code>
                <LevelBadge of={one.level} />
                <Badge color={COLOURS[one.outcome] ?? 'gray'} variant="outline">{t(`trace.decided.${one.outcome}`, { defaultValue: one.outcome })}</Badge>
              </Group>
              <Text size="xs" c="dimmed" component="div"><Time at={one.at} as="time" /></Text>
            </Group>
            <Text size="sm"><RuleName of={one.rule} /></Text>
            {one.approval && <Anchor size="sm" component={Link} to={`/approvals/${one.approval}`}>{t('trace.request')}</Anchor>}
            <Accordion variant="filled" mt={6}>
              <Accordion.Item value="facts">
                <Accordion.Control>{t('trace.facts', { name: one.action })}</Accordion.Control>
                <Accordion.Panel><Json value={one.facts} height={240} label={t('trace.facts', { name: one.action })} /></Accordion.Panel>
              </Accordion.Item>
            </Accordion>
          </Paper>
        ))}
      </Stack>
    </section>
  );
}
