// Requests to the server, and the banner over the page for what goes wrong.

// failed is the error of an answer of 4xx or 5xx. status 0: there was no answer.
const failed = (status, { error, field }) => Object.assign(new Error(error), { status, field });

// banner shows one line over the page; "" takes it away.
export function banner(text) {
  const el = document.getElementById("banner");
  el.textContent = text;
  el.hidden = !text;
}

let waiting = null;

const back = () => (waiting ??= (async () => {
  for (let ok = false; !ok; ) {
    banner("The server does not answer; trying again…");
    await new Promise((done) => setTimeout(done, 1000));
    ok = await fetch("/healthz").then((r) => r.ok, () => false);
  }
  banner("");
  waiting = null;
})());

async function checked(response) {
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({ error: `the server answers ${response.status}` }));
  throw failed(response.status, answer);
}

// get returns the Response. While the server is away it waits for it.
export async function get(url) {
  for (;;) {
    let response;
    try { response = await fetch(url); } catch { await back(); continue; }
    return checked(response);
  }
}

export const getJSON = async (url) => (await get(url)).json();

// post sends body as JSON and returns the Response. If the server is away, the
// error comes when it is back: only the caller knows whether to send again.
export async function post(url, body = {}) {
  let response;
  try {
    response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    await back();
    throw failed(0, { error: "the server did not answer" });
  }
  return checked(response);
}
