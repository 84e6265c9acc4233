/** Where failures are told; undefined: nowhere. */
export const configuredUrl = () => process.env.NAUGHT_NOTIFY_URL;

/** Posts a text in the form that most chats take. Throws when it is not taken within 5 s. */
export async function post(url, text) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
    signal: AbortSignal.timeout(5_000),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
}
