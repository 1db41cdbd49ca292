// Fails when the committed client types are older than docs/reference/openapi.json: the types are
// generated again in memory and compared with the committed file.
import { readFileSync } from "node:fs";
import openapiTypescript, { astToString, COMMENT_HEADER } from "openapi-typescript";

const contract = new URL("../../docs/reference/openapi.json", import.meta.url);
const committed = new URL("../src/lib/api/schema.ts", import.meta.url);
const expected = `${COMMENT_HEADER}${astToString(await openapiTypescript(contract))}`;

if (readFileSync(committed, "utf8") !== expected) {
  console.error("src/lib/api/schema.ts does not match docs/reference/openapi.json: run `npm run generate:api` and commit it.");
  process.exit(1);
}
console.log("src/lib/api/schema.ts matches docs/reference/openapi.json.");
