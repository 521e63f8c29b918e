// Passkeys between browser and server: bytes here, base64url there.

/** What the server wants asked. */
export interface Asked {
  challenge: string;
  options: Record<string, unknown>;
}

interface Described {
  id: string;
  transports?: AuthenticatorTransport[];
}

export function passkeysArePossible(): boolean {
  return typeof window.PublicKeyCredential === 'function' && window.isSecureContext;
}

/** Asks the person for a passkey; throws when they decline. */
export async function signWithPasskey(options: Record<string, unknown>): Promise<Record<string, unknown>> {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge as string),
    allowCredentials: described(options.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null;
  if (!credential) throw new Error('no passkey was chosen');
  const answer = credential.response as AuthenticatorAssertionResponse;
  return {
    id: text(credential.rawId),
    authenticator_data: text(answer.authenticatorData),
    client_data_json: text(answer.clientDataJSON),
    signature: text(answer.signature),
    user_handle: answer.userHandle ? text(answer.userHandle) : null,
  };
}

/** Lets this browser (or a key) make a new passkey; throws when the person declines. */
export async function makePasskey(options: Record<string, unknown>): Promise<Record<string, unknown>> {
  const user = options.user as { id: string; name: string; displayName: string };
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge as string),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: described(options.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential | null;
  if (!credential) throw new Error('no passkey was made');
  const answer = credential.response as AuthenticatorAttestationResponse;
  return {
    id: text(credential.rawId),
    transports: answer.getTransports?.() ?? [],
    attestation_object: text(answer.attestationObject),
    client_data_json: text(answer.clientDataJSON),
  };
}

/** The person closed the browser's dialog: nothing went wrong. */
export function isDeclined(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');
}

function described(list: unknown): PublicKeyCredentialDescriptor[] | undefined {
  return (list as Described[] | undefined)?.map((c) => ({ type: 'public-key', id: bytes(c.id), transports: c.transports }));
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
