// What pages use to talk to the server.
export { api, ask, askTagged, ifMatch, keyring, newKey, selectedBusiness, send, sendJson } from './client';
export { useLive, useLiveState, type LiveEvent } from './live';
export { usePages, type Page } from './pages';
export { ApiProblem, type FieldProblem } from './problem';
export { safeNext, SESSION, useBusiness, useCan, useSession, useSignOut, type Business, type Need, type Session } from './session';
export type { components, paths } from './schema';
