"use strict";
// A language server for each folder that is open; everything else is the server's doing.
const { commands, RelativePattern, window, workspace } = require("vscode");
const { CloseAction, ErrorAction, LanguageClient } = require("vscode-languageclient/node");
const { hindrance, located } = require("./launch");

const LANGUAGES = ["csharp", "python"];
const WATCHED = "**/{*.cs,*.py,*.csproj,*.props,*.json,*.toml,*.yml,*.yaml,*.config,.env*}";
const MOST_RESTARTS = 3;
const SETTINGS = "Open settings";
const AGAIN = "Try again";

const running = new Map(); // by the folder's address: the client, and the files that are watched for it
const told = new Set(); // what stands on the screen: several folders may have the same to say
let output;

exports.activate = async (context) => {
  output = window.createOutputChannel("ApiPosture");
  context.subscriptions.push(
    output,
    commands.registerCommand("apiposture.restart", restart),
    commands.registerCommand("apiposture.output", () => output.show()),
    workspace.onDidChangeWorkspaceFolders(({ added, removed }) => Promise.all([...removed.map(stop), ...added.filter(isLocal).map(start)])),
    workspace.onDidChangeConfiguration((change) => (change.affectsConfiguration("apiposture.command") ? restart() : undefined)),
  );
  await Promise.all(folders().map(start));
};

exports.deactivate = () => Promise.all([...running.values()].map(ended));

const isLocal = (folder) => folder.uri.scheme === "file";
const folders = () => (workspace.workspaceFolders ?? []).filter(isLocal);

async function restart() {
  await Promise.all(folders().map(stop));
  await Promise.all(folders().map(start));
}

async function stop(folder) {
  const key = folder.uri.toString();
  const one = running.get(key);
  running.delete(key);
  if (one) await ended(one);
}

async function ended({ client, files }) {
  files.dispose();
  await client.stop().catch(() => {});
}

async function start(folder) {
  const root = folder.uri.fsPath;
  const [name = "apiposture", ...args] = workspace.getConfiguration("apiposture", folder.uri).get("command");
  const command = located(name, root);
  const wrong = await hindrance(command, args, root);
  if (wrong) return void tell(wrong);
  const files = workspace.createFileSystemWatcher(new RelativePattern(folder, WATCHED));
  const client = new LanguageClient("apiposture", "ApiPosture", { command, args, options: { cwd: root } }, options(folder, files));
  running.set(folder.uri.toString(), { client, files });
  await client.start().catch((error) => void tell(`ApiPosture could not start: ${error.message}`));
}

function options(folder, files) {
  let restarts = 0;
  const inside = { scheme: "file", pattern: `${folder.uri.fsPath.replaceAll("\\", "/")}/**/*` };
  return {
    documentSelector: LANGUAGES.map((language) => ({ ...inside, language })),
    workspaceFolder: folder,
    outputChannel: output,
    synchronize: { fileEvents: files },
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        if (restarts++ < MOST_RESTARTS) return { action: CloseAction.Restart, handled: true };
        tell("The language server of ApiPosture stopped again and again; its output says more.");
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
  };
}

// One sentence, and what can be done about it.
async function tell(sentence) {
  output.appendLine(sentence);
  if (told.has(sentence)) return;
  told.add(sentence);
  const choice = await window.showErrorMessage(sentence, AGAIN, SETTINGS);
  told.delete(sentence);
  if (choice === AGAIN) await restart();
  if (choice === SETTINGS) await commands.executeCommand("workbench.action.openSettings", "apiposture.command");
}
