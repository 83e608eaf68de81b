// Signing in and out: a token is exchanged for a cookie that no script can read. Where no token is wanted, none of this
// is ever seen.

import {Problem, send, sessionNow, whoAmI} from '../daemon.ts';
import {byId, setText} from '../dom.ts';

const form = () => byId<HTMLFormElement>('sign-in');

export const isSigningIn = (): boolean => !form().hidden;

/** Shows the form in place of everything else. */
export function askToSignIn(): void {
  if (isSigningIn()) return;
  form().hidden = false;
  byId('sign-out').hidden = true;
  byId('token').focus();
}

export function listenForToken(): void {
  form().addEventListener('submit', async (event) => {
    event.preventDefault();
    setText('sign-in-note', '');
    const button = byId<HTMLButtonElement>('sign-in-button');
    button.disabled = true;
    try {
      await send('POST', '/v1/session', {token: byId<HTMLInputElement>('token').value.trim()});
      return location.reload();
    } catch (error) {
      const isRefusal = error instanceof Problem;
      const sentence = isRefusal ? `${error.title}. ${error.message}` : 'The daemon does not answer. Try again.';
      setText('sign-in-note', sentence);
    } finally {
      button.disabled = false;
    }
    byId<HTMLInputElement>('token').select();
  });
}

/** Whoever came by a cookie can sign out. */
export async function offerSignOut(): Promise<void> {
  await whoAmI();
  const session = sessionNow();
  if (!session?.csrfToken) return;
  const button = byId('sign-out');
  button.hidden = false;
  button.title = `Signed in as ${session.caller}`;
  button.onclick = async () => {
    await send('DELETE', '/v1/session').catch(() => undefined);
    location.reload();
  };
}
