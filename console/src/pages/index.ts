// Every page, one line each. Their order in the navigation is that of `ORDER` in `shell/navigation.ts`.
import type { PageEntry } from './types';

export const pages: PageEntry[] = [
];
