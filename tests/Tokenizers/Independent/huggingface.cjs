// Prints the ids of the chunks of DIR/text.json by DIR/tokenizer.json, without a BOS.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { Tokenizer } = require("@anush008/tokenizers");

const [folder] = process.argv.slice(2);
const tokenizer = Tokenizer.fromFile(join(folder, "tokenizer.json"));
const chunks = JSON.parse(readFileSync(join(folder, "text.json"), "utf8"));
Promise.all(chunks.map((chunk) => tokenizer.encode(chunk, null, { addSpecialTokens: false })))
  .then((encoded) => console.log(JSON.stringify(encoded.map((encoding) => Array.from(encoding.getIds())))));
