// Keys that do something on the page at hand; `?` lists them.
import { useEffect, useRef, useSyncExternalStore } from 'react';

export interface Shortcut {
  /** `j`, `?`, `mod+enter`, or two after one another: `g i` */
  keys: string;
  /** What it does, in the reader's words. */
  label: string;
  run: (event: KeyboardEvent) => void;
  /** Also while typing. */
  whileTyping?: boolean;
}

interface Group {
  title: string;
  shortcuts: Shortcut[];
}

let groups: Group[] = [];
const watchers = new Set<() => void>();
let begun: { key: string; at: number } | undefined;

function set(next: Group[]): void {
  groups = next;
  watchers.forEach((watch) => watch());
}

/** The keys of a page or a part of it, while it is shown. Later ones win. */
export function useShortcuts(title: string, shortcuts: Shortcut[], active = true): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  const names = shortcuts.map((s) => `${s.keys}\n${s.label}`).join('\n\n');
  useEffect(() => {
    if (!active) return;
    const group: Group = {
      title,
      shortcuts: latest.current.map((s, i) => ({ ...s, run: (event) => latest.current[i]?.run(event) })),
    };
    set([...groups, group]);
    return () => set(groups.filter((g) => g !== group));
  }, [title, names, active]);
}

export function useShortcutGroups(): Group[] {
  return useSyncExternalStore((watch) => (watchers.add(watch), () => watchers.delete(watch)), () => groups);
}

/** `mod+enter`, `shift+a`, `?`: one press as it is written in `keys`. */
export function press(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key.toLowerCase().replace('arrow', '');
  return `${event.ctrlKey || event.metaKey ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${key}`;
}

function isTyping(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null;
  return !!element?.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=combobox]');
}

/** One listener for all, mounted by the shell. */
export function useShortcutListener(): void {
  useEffect(() => {
    // Before anybody acts on the key: what it closes would otherwise be gone when we look.
    let covered = false;
    const look = () => {
      covered = document.querySelector('[aria-modal=true], [role=dialog], [role=menu]') !== null;
    };
    const hear = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
      // A dialog or a menu has the keyboard to itself.
      if (covered) return;
      const typing = isTyping(event.target);
      const pressed = press(event);
      const both = begun && event.timeStamp - begun.at < 1200 ? `${begun.key} ${pressed}` : undefined;
      begun = undefined;
      const all = groups.flatMap((g) => g.shortcuts).reverse().filter((s) => !typing || s.whileTyping);
      const found = (both && all.find((s) => s.keys === both)) || all.find((s) => s.keys === pressed);
      if (found) {
        event.preventDefault();
        found.run(event);
      } else if (!typing && all.some((s) => s.keys.startsWith(`${pressed} `))) {
        begun = { key: pressed, at: event.timeStamp };
      }
    };
    addEventListener('keydown', look, { capture: true });
    addEventListener('keydown', hear);
    return () => {
      removeEventListener('keydown', look, { capture: true });
      removeEventListener('keydown', hear);
    };
  }, []);
}
