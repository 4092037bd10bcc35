// Signs up, signs in, refreshes, keeps a file, changes the password and signs out with the official client; prints what it got.
import { createClient } from "@supabase/supabase-js";

const [url, key, email, password] = process.argv.slice(2);
const auth = { persistSession: false, autoRefreshToken: false };
// Node before 22 has no WebSocket of its own; none is opened here.
const realtime = { transport: class {} };
const client = createClient(url, key, { auth, realtime });
const told = {};

function take({ data, error }) {
  if (error) throw new Error(`${error.status} ${error.code} ${error.message}`);
  return data;
}

const made = take(await client.auth.signUp({ email, password }));
told.signedUp = made.user.email;
const again = await client.auth.signUp({ email, password });
told.taken = again.error.code;
const wrong = await client.auth.signInWithPassword({ email, password: "not the password" });
told.wrong = [wrong.error.status, wrong.error.code, wrong.error.message];
const entered = take(await client.auth.signInWithPassword({ email, password }));
const fresh = take(await client.auth.refreshSession());
told.rotated = fresh.session.refresh_token !== entered.session.refresh_token;
told.claims = (await client.auth.getClaims()).data.claims.email;
told.user = take(await client.auth.getUser()).user.email;

const files = client.storage.from("imports");
const path = `${made.user.id}/export.zip`;
told.stored = take(await files.upload(path, new Blob(["the bytes"]))).path === path;
told.twice = (await files.upload(path, new Blob(["others"]))).error.message;
told.listed = take(await files.list(made.user.id)).map((file) => file.name);
const { signedUrl } = take(await files.createSignedUrl(path, 60));
told.linked = await (await fetch(signedUrl)).text();
told.loaded = await take(await files.download(path)).text();
told.foreign = (await files.upload("00000000-0000-0000-0000-000000000000/x.zip", new Blob(["x"]))).error.message;
told.removed = take(await files.remove([path])).length;
told.gone = (await files.createSignedUrl(path, 60)).error.message;

const weak = await client.auth.updateUser({ password: "short" });
told.weak = [weak.error.code, weak.error.reasons];
take(await client.auth.updateUser({ password: `${password} 2` }));
await client.auth.resetPasswordForEmail(email, { redirectTo: "http://localhost:3000/back" });
const { error } = await client.auth.signOut();
told.out = error === null;
told.after = (await client.auth.getUser(fresh.session.access_token)).error.name;
console.log(JSON.stringify(told));
