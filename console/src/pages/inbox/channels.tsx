// The sign of each kind of channel.
import { IconApi, IconBrandWhatsapp, IconDeviceMobileMessage, IconMail, IconMessageCircle, IconPhone, IconWorld, type Icon } from '@tabler/icons-react';

const SIGNS: Record<string, Icon> = {
  whatsapp: IconBrandWhatsapp,
  twilio_whatsapp: IconBrandWhatsapp,
  twilio_sms: IconDeviceMobileMessage,
  email: IconMail,
  webchat: IconWorld,
  asterisk: IconPhone,
  elevenlabs: IconPhone,
  api: IconApi,
};

export function ChannelIcon({ kind, size = 15 }: { kind: string; size?: number }) {
  const Sign = SIGNS[kind] ?? IconMessageCircle;
  return <Sign size={size} stroke={1.8} aria-hidden style={{ verticalAlign: '-2px', flex: 'none' }} />;
}
