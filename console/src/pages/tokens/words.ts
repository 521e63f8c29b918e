// How what costs something is called.
import { useTranslation } from 'react-i18next';

const KNOWN = ['whatsapp_conversation', 'sms', 'email', 'call', 'internal_model_call', 'monthly_fee', 'grant', 'adjust'];

export function useActionName(): (key: string) => string {
  const { t } = useTranslation('tokens');
  return (key) => {
    if (key.startsWith('tool:')) return t('action.tool', { name: key.slice(5) });
    return KNOWN.includes(key) ? t(`action.${key}`) : key;
  };
}
