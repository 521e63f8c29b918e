// The prompt itself, with its variables beside it and what is wrong with it below.
import { Alert, Anchor, Button, Drawer, Group, List, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle, IconBraces } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';

import classes from './agents.module.css';
import type { Fault } from './model';
import { Variables } from './Variables';

/** Where a line and column (from 1) are in a text. */
export function placeIn(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, l) => sum + l.length + 1, 0);
  // Columns count characters, places count UTF-16 units.
  return before + [...(lines[line - 1] ?? '')].slice(0, column - 1).join('').length;
}

export function PromptEditor({ value, onChange, problems, readOnly, contact }: {
  value: string;
  onChange: (prompt: string) => void;
  problems: Fault[];
  readOnly: boolean;
  contact: string | undefined;
}) {
  const { t } = useTranslation('agents');
  const box = useRef<HTMLTextAreaElement>(null);
  const [palette, show] = useDisclosure(false);
  const mine = problems.filter((p) => p.path === 'prompt');
  const insert = (text: string) => {
    const field = box.current;
    const [from, to] = field ? [field.selectionStart, field.selectionEnd] : [value.length, value.length];
    onChange(value.slice(0, from) + text + value.slice(to));
    show.close();
    requestAnimationFrame(() => {
      field?.focus();
      field?.setSelectionRange(from + text.length, from + text.length);
    });
  };
  const go = (fault: Fault) => {
    const at = placeIn(value, fault.line ?? 1, fault.column ?? 1);
    box.current?.focus();
    box.current?.setSelectionRange(at, at + 1);
  };
  return (
    <div className={classes.write}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed">{value.trim() ? t('prompt.text') : t('prompt.builtin')}</Text>
        {!readOnly && (
          <Button size="xs" variant="default" leftSection={<IconBraces size={14} />} onClick={show.open}>{t('variables.open')}</Button>
        )}
      </Group>
      <Textarea
        ref={box}
        className={classes.words}
        value={value}
        onChange={(e) => onChange(e.currentTarget.value)}
        readOnly={readOnly}
        aria-label={t('tabs.prompt')}
        placeholder={t('prompt.placeholder')}
        maxLength={100_000}
        spellCheck
        error={mine.length > 0}
      />
      {mine.length > 0 && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} title={t('prompt.problems')} role="status">
          <List size="sm" listStyleType="none">
            {mine.map((fault, i) => (
              <List.Item key={i}>
                {fault.line !== undefined && (
                  <Anchor component="button" size="sm" c="inherit" underline="always" onClick={() => go(fault)}>
                    {t('prompt.place', { line: fault.line, column: fault.column ?? 1 })}
                  </Anchor>
                )}{' '}
                {fault.problem}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Drawer opened={palette} closeButtonProps={{ 'aria-label': t('common:close') }} onClose={show.close} title={t('variables.title')} position="left" size={420}>
        <Variables contact={contact} onInsert={insert} />
      </Drawer>
    </div>
  );
}
