// What is chosen on a page stands in its address, so that it can be kept and sent.
import { useSearchParams } from 'react-router';

/** By name; what is empty is no choice. */
export type Choices = Record<string, string | null | undefined>;

/**
 * The choices in the address, and a way to change some of them, or all. A change is made to the address and drawn at once: the router would
 * draw it when there is time, and another one made before that would begin from what was drawn and undo it.
 */
export function useChoices(): [URLSearchParams, (next: Choices | URLSearchParams) => void] {
  const [params, setParams] = useSearchParams();
  const choose = (next: Choices | URLSearchParams) =>
    setParams(next instanceof URLSearchParams ? next : withChoices(new URLSearchParams(location.search), next), { replace: true, flushSync: true });
  return [params, choose];
}

export function withChoices(now: URLSearchParams, choices: Choices): URLSearchParams {
  const next = new URLSearchParams(now);
  for (const [name, value] of Object.entries(choices)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next;
}
