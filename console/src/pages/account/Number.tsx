// The own WhatsApp number: said, proven with a code from it, forgotten.
import { Anchor, Badge, Button, Code, Group, List, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, ask, type components } from '../../api';
import { CopyButton, ErrorState, LoadingRows, showInForm, Time, told, useConfirm, useFailure } from '../../ui';
import { Part } from './Part';

type Mine = components['schemas']['MyNumber'];
const NUMBER = ['my-number'] as const;

export function OwnNumber() {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const failure = useFailure();
  const sure = useConfirm();
  const mine = useQuery({
    queryKey: NUMBER,
    queryFn: () => ask(api.GET('/account/number')),
    // The code comes from a telephone: nobody presses anything here.
    refetchInterval: (query) => (query.state.data?.code ? 4000 : false),
  });
  const forget = useMutation({
    mutationFn: () => ask(api.DELETE('/account/number')),
    onSuccess: () => (void queries.invalidateQueries({ queryKey: NUMBER }), told(t('number.forgotten'))),
    onError: failure,
  });
  const drop = async () => {
    const yes = await sure({ title: t('number.forgetTitle'), text: t('number.forgetText'), confirm: t('number.forget') });
    if (yes) forget.mutate();
  };
  const data = mine.data;
  const state = data?.number && (
    <Badge color={data.confirmed ? 'pine' : 'yellow'} variant="light">{data.confirmed ? t('number.confirmed') : t('number.unconfirmed')}</Badge>
  );
  return (
    <Part title={t('number.title')} text={t('number.text')} action={state}>
      {mine.isPending && <LoadingRows rows={2} />}
      {mine.error && !data && <ErrorState error={mine.error} retry={() => void mine.refetch()} />}
      {data && (
        <Stack gap="md">
          {data.number && (!data.confirmed || data.next) && <Proof mine={data} />}
          {data.send_to.length > 0 ? <Claim key={data.next ?? data.number ?? ''} mine={data} /> : <Text size="sm">{t('number.noChannel')}</Text>}
          {data.number && (
            <Group>
              <Button variant="default" color="red" loading={forget.isPending} onClick={() => void drop()}>{t('number.forget')}</Button>
            </Group>
          )}
        </Stack>
      )}
    </Part>
  );
}

function Claim({ mine }: { mine: Mine }) {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const failure = useFailure();
  const form = useForm({ initialValues: { number: mine.next ?? mine.number ?? '' } });
  const save = useMutation({
    mutationFn: (body: { number: string }) => ask(api.PUT('/account/number', { body })),
    onSuccess: (now) => {
      queries.setQueryData(NUMBER, now);
      void queries.invalidateQueries({ queryKey: ['members'] });
    },
    onError: (error) => {
      if (showInForm(form, error)) failure(error);
    },
  });
  const again = mine.number !== null && (!mine.confirmed || !!mine.next) && !form.isDirty();
  return (
    <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
      <Group align="flex-end" gap="sm">
        <TextInput
          flex="1 1 220px"
          type="tel"
          inputMode="tel"
          autoComplete="tel"
          required
          label={t('number.label')}
          description={t('number.how')}
          placeholder="+57 300 111 2233"
          {...form.getInputProps('number')}
        />
        <Button type="submit" loading={save.isPending} disabled={!again && !form.isDirty()}>{again ? t('number.newCode') : t('common:save')}</Button>
      </Group>
    </form>
  );
}

/** What is left to do: the code, from that number, to the business. */
function Proof({ mine }: { mine: Mine }) {
  const { t } = useTranslation('account');
  const { code, code_until: until } = mine;
  if (!code || !until) return <Text role="status">{t('number.tooOld')}</Text>;
  return (
    <Stack gap="xs">
      <Text>{t('number.send', { number: mine.next ?? mine.number })}</Text>
      {mine.next && <Text size="sm" c="dimmed">{t('number.next', { number: mine.number })}</Text>}
      <Group gap="xs">
        <output aria-label={t('number.code')}><Code fz="xl" fw={700} p="xs">{code}</Code></output>
        <CopyButton value={code} label={t('number.copy')} />
        <Text size="sm" c="dimmed">{t('number.until')} <Time at={until} as="time" /></Text>
      </Group>
      <List size="sm" spacing={4}>
        {mine.send_to.map((door) => {
          const digits = door.number?.replace(/\D/g, '');
          return (
            <List.Item key={door.channel}>
              {door.name}{door.number && ': '}
              {digits && <Anchor href={`https://wa.me/${digits}?text=${code}`} target="_blank" rel="noreferrer">{door.number}</Anchor>}
            </List.Item>
          );
        })}
      </List>
    </Stack>
  );
}
