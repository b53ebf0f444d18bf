// Logs in with the OpenID provider of the service: authorization code with PKCE, as RFC 7636 has it. No secret is needed.
import { setKey } from "./api.js";
import { go, to } from "./router.js";

const STATE = "trainyard.login";

function text(bytes) {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function random() {
  return text(crypto.getRandomValues(new Uint8Array(32)));
}

async function provider(issuer) {
  let answer;
  try {
    answer = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  } catch {
    throw new Error(`The provider ${issuer} does not answer, or does not let this page ask`);
  }
  if (!answer.ok) throw new Error(`The provider ${issuer} does not say how to log in: it answers ${answer.status}`);
  return answer.json();
}

const address = () => location.origin + to("");

/** Leaves the page for that of the provider, which leads back to the start of the console. */
export async function beginLogin({ issuer, client_id }) {
  if (!crypto.subtle) throw new Error("A login needs HTTPS, or a service on this machine");
  const { authorization_endpoint } = await provider(issuer);
  const login = { issuer, client_id, state: random(), verifier: random(), from: location.href };
  sessionStorage.setItem(STATE, JSON.stringify(login));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(login.verifier));
  const target = new URL(authorization_endpoint);
  for (const [name, value] of Object.entries({
    response_type: "code", client_id, redirect_uri: address(), scope: "openid profile", state: login.state,
    code_challenge: text(new Uint8Array(digest)), code_challenge_method: "S256",
  })) target.searchParams.set(name, value);
  location.assign(target);
}

/** Takes what the provider says in the address, if it says something, and goes on where the login began. */
export async function endLogin() {
  const said = new URLSearchParams(location.search);
  const login = JSON.parse(sessionStorage.getItem(STATE) || "null");
  if (!login || said.get("state") !== login.state) return;
  sessionStorage.removeItem(STATE);
  go(login.from, { replace: true });
  if (!said.get("code")) throw new Error(`The provider refused the login: ${said.get("error_description") || said.get("error")}`);
  const { token_endpoint } = await provider(login.issuer);
  const answer = await fetch(token_endpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code", code: said.get("code"), redirect_uri: address(),
      client_id: login.client_id, code_verifier: login.verifier,
    }),
  });
  const tokens = await answer.json();
  if (!answer.ok) throw new Error(`The provider gave no token: ${tokens.error_description || tokens.error || answer.status}`);
  setKey(tokens.access_token);
}
