"use strict";
// Where is the command that starts the server, and what keeps it from starting? Nothing of VS Code in here.
const { spawn } = require("child_process");
const { existsSync } = require("fs");
const path = require("path");

const FOLDERS = process.platform === "win32" ? ["Scripts"] : ["bin"];
const ENVIRONMENTS = [".venv", "venv"];
const ENDINGS = process.platform === "win32" ? [".exe", ""] : [""];
const PATIENCE = 20_000;

/** The command, as it is started for a folder: a bare name is looked for in the folder's own environment first, then on the PATH. */
exports.located = (command, folder) => {
  if (path.isAbsolute(command)) return command;
  if (/[\\/]/.test(command)) return path.resolve(folder, command);
  const places = ENVIRONMENTS.flatMap((each) => FOLDERS.flatMap((bin) => ENDINGS.map((end) => path.join(folder, each, bin, command + end))));
  return places.find((each) => existsSync(each)) ?? command;
};

/** What keeps a command from serving, as one sentence; undefined where nothing does. It is started with nothing to read, and should end well. */
exports.hindrance = (command, args, folder) =>
  new Promise((resolve) => {
    const said = [];
    const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"], timeout: PATIENCE });
    child.stderr?.on("data", (piece) => said.push(piece));
    child.on("error", (error) => resolve(unstarted(command, error)));
    child.on("close", (code) => resolve(code ? stopped([command, ...args].join(" "), code, Buffer.concat(said).toString()) : undefined));
  });

const unstarted = (command, error) =>
  error.code === "ENOENT"
    ? `ApiPosture is not installed here: there is no '${command}'. Run: pip install 'apiposture[lsp]', or say in 'apiposture.command' where it is.`
    : `'${command}' can't be started (${error.code}). Say in 'apiposture.command' what starts ApiPosture.`;

const stopped = (line, code, said) => {
  const last = said.trim().split(/\r?\n/).pop().replace(/^error: /, "");
  return `'${line}' stopped at once: ${last || `exit code ${code}`}`;
};
