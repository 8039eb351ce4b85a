// Passkeys: the one thing that no browser does without script. The page says what to use instead.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const options = JSON.parse(form.dataset.options);
  const making = form.dataset.passkey === "make";
  const failed = form.querySelector("[data-failed]");
  options.challenge = bytes(options.challenge);
  if (making) options.user.id = bytes(options.user.id);
  for (const list of [options.allowCredentials, options.excludeCredentials])
    for (const one of list || []) one.id = bytes(one.id);

  if (!window.PublicKeyCredential) { failed.hidden = false; continue; }
  for (const part of form.querySelectorAll("[data-able]")) part.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      const made = await navigator.credentials[making ? "create" : "get"]({ publicKey: options });
      const said = made.response;
      const set = (name, buffer) => { form.elements[name].value = buffer ? text(buffer) : ""; };
      set("credential", made.rawId);
      set("client", said.clientDataJSON);
      if (making) set("object", said.attestationObject);
      else { set("data", said.authenticatorData); set("signature", said.signature); set("user", said.userHandle); }
      form.submit();
    } catch { failed.hidden = false; }
  });
}
