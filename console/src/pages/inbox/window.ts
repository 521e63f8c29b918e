// The 24 hours after a contact's last message in which free text may be sent, where the channel has that rule.
import type { Conversation } from './model';

export function isOpen(of: Conversation, now = Date.now()): boolean {
  return !of.window || (!!of.window.until && Date.parse(of.window.until) > now);
}

export function hasTemplates(of: Conversation): boolean {
  return of.can.templates;
}
