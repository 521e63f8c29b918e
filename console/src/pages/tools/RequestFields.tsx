// The request: where it goes, what proves who we are, and what is sent.
import { ActionIcon, Autocomplete, Button, Code, Collapse, Group, Input, JsonInput, NumberInput, Paper, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { mono, hostOf, METHODS, tokenHostOf, type Values } from './draft';
import { useOurValues, useSecrets } from './queries';
import { SecretForm } from './Secrets';

type Form = UseFormReturnType<Values>;

export function RequestFields({ form }: { form: Form }) {
  const { t } = useTranslation('tools');
  const { method, rest } = form.values.request;
  const writesBody = method !== 'GET';
  const to = [
    { value: 'query', label: t('rest.query') },
    ...(writesBody ? [{ value: 'body', label: t('rest.body') }] : []),
    { value: 'nowhere', label: t('rest.nowhere') },
  ];
  return (
    <Paper withBorder p="md" radius="md">
      <Stack gap="sm">
        <Title order={2} size="h4">{t('request.title')}</Title>
        <Text size="sm" c="dimmed">{t('request.text')} <Code>{'{number}'}</Code></Text>
        <Group align="flex-start" gap="xs" wrap="nowrap">
          <Select w={110} label={t('request.method')} allowDeselect={false} data={[...METHODS]} {...form.getInputProps('request.method')} />
          <TextInput flex={1} label="URL" required placeholder="https://api.example.com/orders/{number}" {...form.getInputProps('request.url')} />
        </Group>
        <Fields form={form} path="query" title={t('request.query')} />
        <Fields form={form} path="headers" title={t('request.headers')} />
        <Proof form={form} />
        <Select
          label={t('request.rest')}
          description={t('request.restHelp')}
          allowDeselect={false}
          data={to}
          value={!writesBody && rest === 'body' ? 'query' : rest}
          error={form.errors['request.rest']}
          onChange={(value) => form.setFieldValue('request.rest', value as Values['request']['rest'])}
        />
        {writesBody && (
          <>
            {rest !== 'body' && (
              <JsonInput label={t('request.body')} description={t('request.bodyHelp')} autosize minRows={4} maxRows={16} styles={mono} {...form.getInputProps('request.body')} />
            )}
            <Select
              label={t('request.encoding')}
              allowDeselect={false}
              data={[{ value: 'json', label: 'JSON' }, { value: 'form', label: t('request.form') }]}
              {...form.getInputProps('request.encoding')}
            />
          </>
        )}
        <Group grow align="flex-start" preventGrowOverflow={false}>
          <NumberInput
            label={t('request.timeout')}
            min={1}
            max={20}
            suffix=" s"
            value={form.values.request.timeout_ms / 1000}
            error={form.errors['request.timeout_ms']}
            onChange={(value) => form.setFieldValue('request.timeout_ms', Math.round(Number(value) * 1000))}
          />
          <TextInput label={t('answer.pointer')} description={t('answer.pointerHelp')} placeholder="/data/0" {...form.getInputProps('answer.pointer')} />
          <NumberInput label={t('answer.maxChars')} min={200} max={32000} step={1000} thousandSeparator {...form.getInputProps('answer.max_chars')} />
        </Group>
        {form.errors.request && <Input.Error>{form.errors.request}</Input.Error>}
        <Values />
      </Stack>
    </Paper>
  );
}

function Fields({ form, path, title }: { form: Form; path: 'query' | 'headers'; title: string }) {
  const { t } = useTranslation('tools');
  const rows = form.values.request[path];
  const full = `request.${path}`;
  return (
    <Input.Wrapper label={title}>
      <Stack gap={6} mt={4}>
        {rows.map((_, i) => (
          <Group key={i} gap="xs" align="flex-start" wrap="nowrap">
            <TextInput flex="1 1 40%" aria-label={t('request.fieldName')} placeholder={t('request.fieldName')} {...form.getInputProps(`${full}.${i}.name`)} />
            <TextInput flex="1 1 60%" aria-label={t('request.fieldValue')} placeholder={path === 'headers' ? '{{secret.API_KEY}}' : '{number}'} {...form.getInputProps(`${full}.${i}.value`)} />
            <ActionIcon mt={5} variant="subtle" color="red" aria-label={t('request.removeField', { name: rows[i]?.name })} onClick={() => form.removeListItem(full, i)}>
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Group>
          <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => form.insertListItem(full, { name: '', value: '' })}>
            {path === 'headers' ? t('request.addHeader') : t('request.addQuery')}
          </Button>
        </Group>
      </Stack>
    </Input.Wrapper>
  );
}

function Proof({ form }: { form: Form }) {
  const { t } = useTranslation('tools');
  const [adding, add] = useDisclosure(false);
  const secrets = useSecrets();
  const { kind, secret, token_url } = form.values.request.auth;
  const buys = kind === 'client_credentials' ? tokenHostOf(token_url) : '';
  const host = hostOf(form.values.request.url);
  const names = (secrets.data?.items ?? []).filter((s) => s.host === host && (s.token_host ?? '') === buys).map((s) => s.name);
  return (
    <Stack gap="xs">
      <Group align="flex-start" gap="xs">
        <Select
          flex="1 1 160px"
          label={t('auth.title')}
          allowDeselect={false}
          data={(['none', 'bearer', 'basic', 'header', 'client_credentials'] as const).map((value) => ({ value, label: t(`auth.${value}`) }))}
          error={form.errors['request.auth']}
          {...form.getInputProps('request.auth.kind')}
        />
        {kind === 'header' && <TextInput flex="1 1 140px" label={t('auth.headerName')} placeholder="X-API-Key" {...form.getInputProps('request.auth.header')} />}
        {kind === 'basic' && <TextInput flex="1 1 140px" label={t('auth.username')} {...form.getInputProps('request.auth.username')} />}
        {kind !== 'none' && <Autocomplete flex="1 1 160px" label={t('auth.secret')} data={names} {...form.getInputProps('request.auth.secret')} />}
      </Group>
      {kind === 'client_credentials' && <Credentials form={form} />}
      <Group>
        <Button variant="subtle" size="compact-sm" leftSection={<IconKey size={14} />} onClick={add.toggle} aria-expanded={adding}>
          {t('secrets.add')}
        </Button>
      </Group>
      <Collapse expanded={adding}>
        <SecretForm
          key={`${host} ${buys}`}
          name={secret}
          host={host}
          tokenHost={buys}
          onDone={(name) => {
            add.close();
            if (kind !== 'none') form.setFieldValue('request.auth.secret', name);
          }}
        />
      </Collapse>
    </Stack>
  );
}

/** As whom a token is fetched, and where. */
function Credentials({ form }: { form: Form }) {
  const { t } = useTranslation('tools');
  const field = (name: string) => form.getInputProps(`request.auth.${name}`);
  return (
    <Stack gap="xs">
      <TextInput label={t('auth.tokenUrl')} placeholder="https://login.example.com/oauth/token" {...field('token_url')} />
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <TextInput label={t('auth.clientId')} {...field('client_id')} />
        <TextInput label={t('auth.scope')} {...field('scope')} />
      </Group>
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <TextInput label={t('auth.resource')} {...field('resource')} />
        <Select label={t('auth.sendAs')} allowDeselect={false} data={[{ value: 'basic', label: t('auth.asBasic') }, { value: 'form', label: t('auth.asForm') }]} {...field('send_as')} />
      </Group>
    </Stack>
  );
}

/** What the server fills in by itself. */
function Values() {
  const { t } = useTranslation('tools');
  const [shown, show] = useDisclosure(false);
  const values = useOurValues();
  return (
    <div>
      <Button variant="subtle" size="compact-sm" onClick={show.toggle} aria-expanded={shown}>{t('values.title')}</Button>
      <Collapse expanded={shown}>
        <Stack gap={4} mt="xs">
          <Text size="sm" c="dimmed">{t('values.text')}</Text>
          {(values.data?.items ?? []).map((value) => (
            <Text key={value.name} size="sm">
              <Code>{`{{${value.name}}}`}</Code> {value.example}
            </Text>
          ))}
          <Text size="sm"><Code>{'{{secret.NAME}}'}</Code> {t('values.secret')}</Text>
        </Stack>
      </Collapse>
    </div>
  );
}
