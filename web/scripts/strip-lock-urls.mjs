// Removes every address from package-lock.json, so that the lock names packages and hashes and
// never a host: npm resolves them through whatever registry the machine is configured for.
import { readFileSync, writeFileSync } from "node:fs";

const path = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8"));
for (const entry of Object.values(lock.packages)) {
  delete entry.resolved;
  delete entry.funding;
  delete entry.deprecated;
}
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
