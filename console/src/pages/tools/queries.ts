// What the tools' pages ask the server.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, ask, askTagged, ifMatch } from '../../api';
import type { NewTool, Tool } from './draft';

export function useTools() {
  return useQuery({ queryKey: ['tools'], queryFn: () => ask(api.GET('/tools')) });
}

export function useTool(id: string | undefined) {
  return useQuery({
    queryKey: ['tool', id],
    enabled: !!id,
    queryFn: () => askTagged<Tool>(api.GET('/tools/{id}', { params: { path: { id: id! } } })),
  });
}

export function useSecrets() {
  return useQuery({ queryKey: ['tools', 'secrets'], queryFn: () => ask(api.GET('/tools/secrets')) });
}

export function useOurValues() {
  return useQuery({ queryKey: ['tools', 'values'], staleTime: Infinity, queryFn: () => ask(api.GET('/tools/values')) });
}

/** Makes a tool, or changes the one with this id. */
export function useSave(id: string | undefined, tag: string | undefined) {
  const stale = useStale();
  return useMutation({
    mutationFn: (tool: NewTool) =>
      id
        ? ask<Tool>(api.PATCH('/tools/{id}', { params: { path: { id }, header: ifMatch(tag) }, body: tool }))
        : ask<Tool>(api.POST('/tools', { body: tool })),
    onSuccess: stale,
  });
}

export function useStale() {
  const queries = useQueryClient();
  return async () => {
    await Promise.all([queries.invalidateQueries({ queryKey: ['tools'] }), queries.invalidateQueries({ queryKey: ['tool'] })]);
  };
}

export async function setSecret(name: string, host: string, value: string, tokenHost = ''): Promise<void> {
  await api.PUT('/tools/secrets/{name}', { params: { path: { name } }, body: { host, value, ...(tokenHost ? { token_host: tokenHost } : {}) } });
}

export async function deleteSecret(name: string): Promise<void> {
  await api.DELETE('/tools/secrets/{name}', { params: { path: { name } } });
}

export async function switchTool(id: string, enabled: boolean): Promise<void> {
  await api.PATCH('/tools/{id}', { params: { path: { id } }, body: { enabled } });
}

/** Makes the example call of a tool; what it came to is kept with it. */
export function probeTool(id: string): Promise<Tool> {
  return ask<Tool>(api.POST('/tools/{id}/probe', { params: { path: { id } } }));
}

export async function deleteTool(id: string, force: boolean): Promise<void> {
  await api.DELETE('/tools/{id}', { params: { path: { id }, query: force ? { force } : {} } });
}
