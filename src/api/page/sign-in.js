// Signing in and out: a token is exchanged for a cookie that no script can read. Where no token is wanted, none of this
// is ever seen.

const byId = (id) => document.getElementById(id);
const form = byId('sign-in');
const PATIENCE_MS = 5_000;

export const isSigningIn = () => !form.hidden;

/** Shows the form in place of everything else. */
export function askToSignIn() {
  if (isSigningIn()) return;
  form.hidden = false;
  byId('sign-out').hidden = true;
  byId('token').focus();
}

async function call(method, body, headers = {}) {
  const sent = body && {body: JSON.stringify(body)};
  const answer = await fetch('/v1/session', {
    method,
    headers: {...headers, ...(body && {'content-type': 'application/json'})},
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...sent,
  });
  return {isOk: answer.ok, told: await answer.json()};
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const note = byId('sign-in-note');
  note.textContent = '';
  byId('sign-in-button').disabled = true;
  try {
    const {isOk, told} = await call('POST', {token: byId('token').value.trim()});
    if (isOk) return location.reload();
    note.textContent = `${told.title}. ${told.detail}`;
  } catch {
    note.textContent = 'The daemon does not answer. Try again.';
  } finally {
    byId('sign-in-button').disabled = false;
  }
  byId('token').select();
});

/** Whoever came by a cookie can sign out. The word that writes carry is known to this page alone. */
export async function offerSignOut() {
  const {isOk, told} = await call('GET').catch(() => ({isOk: false}));
  if (!isOk || told.csrfToken === null) return;
  const button = byId('sign-out');
  button.hidden = false;
  button.title = `Signed in as ${told.caller}`;
  button.onclick = async () => {
    await call('DELETE', undefined, {'x-csrf-token': told.csrfToken}).catch(() => undefined);
    location.reload();
  };
}
