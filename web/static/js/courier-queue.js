/* What a courier did without a line, in the order in which it was done; sent once later, kept until it was answered.

   An act is waiting, then done or refused. Done ones stay until the pages of the phone show them; refused ones
   until somebody has seen why. Nothing here names a patient, but who took a bag may be family. */
(() => {
  "use strict";

  const NAME = "tangye-courier";
  const STORE = "acts";
  const AT_ONCE = 20;
  const PATIENCE_MS = 20_000;
  const ARRIVED = { signature: "", received_by: "", code: "" };
  const box = document.getElementById("kept-acts");
  // Without https there is neither a place to keep pages nor a key that nobody else makes: forms go at once.
  if (!box || !window.isSecureContext || !window.indexedDB || !navigator.locks) return;
  const staff = Number(box.dataset.staff);

  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "seq", autoIncrement: true });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

  async function run(mode, act) {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const asked = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  const mine = async () => (await run("readonly", (store) => store.getAll())).filter((act) => act.staff === staff);
  const changed = () => document.dispatchEvent(new Event("courier:changed"));
  const put = (act) => run("readwrite", (store) => store.put(act));
  const drop = (seq) => run("readwrite", (store) => store.delete(seq));

  async function add(kind, fields, label, where) {
    const act = { staff, key: crypto.randomUUID(), at: new Date().toISOString(), kind, fields, label, where, status: "waiting" };
    await run("readwrite", (store) => store.add(act));
    changed();
    return act.key;
  }

  async function post(url, body, headers) {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    return fetch(url, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", Accept: "application/json", ...headers }, signal });
  }

  async function token() {
    const answer = await fetch(document.body.dataset.token, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) return (await answer.json()).token;
    if (answer.status === 401 || answer.status === 409) document.dispatchEvent(new Event("tangye:signed-out"));
    return null;
  }

  /* One after another, and in one window at a time; true where nothing waits any more. */
  async function sendAll() {
    for (;;) {
      const waiting = (await mine()).filter((act) => act.status === "waiting").slice(0, AT_ONCE);
      if (!waiting.length) return true;
      const pass = await token();
      if (!pass) return false;
      const acts = waiting.map(({ key, at, kind, fields }) => ({ key, at, kind, ...fields }));
      const answer = await post(box.dataset.url, { staff_id: staff, sent_at: new Date().toISOString(), acts }, { "X-CSRFToken": pass });
      if (!answer.ok) return false;
      const { answers } = await answer.json();
      for (const { key, status, sentence } of answers) {
        const act = waiting.find((each) => each.key === key);
        // Who took it, a code and a signature are kept by the house alone once they have arrived.
        if (status !== "again") await put({ ...act, fields: { ...act.fields, ...ARRIVED }, status, sentence });
      }
      changed();
      if (answers.some(({ status }) => status === "again")) return false;
    }
  }

  async function send() {
    try {
      return await navigator.locks.request(NAME, sendAll);
    } catch {
      // No line, or one that is too weak: it is tried again.
      return false;
    }
  }

  /* The pages show by now what was done. */
  async function forgetDone() {
    for (const act of await mine()) if (act.status === "done") await drop(act.seq);
    changed();
  }

  globalThis.courierQueue = { add, mine, send, drop: (seq) => drop(seq).then(changed), forgetDone };
})();
